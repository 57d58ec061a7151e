using System.Text.Json;

namespace Caravan.Text;

/// <summary>Which segments get a blank put before them.</summary>
internal enum PrependScheme
{
    Always,
    First,
    Never,
}

/// <summary>SentencePiece's: blanks become a visible character (U+2581), one is put first, and words are cut before each.</summary>
internal sealed record MetaspacePreTokenizer(char Replacement, PrependScheme Scheme, bool Split) : PreTokenizer
{
    /// <summary>Reads the fields of the object.</summary>
    public static MetaspacePreTokenizer ReadFields(JsonField field)
    {
        JsonField? replacement = field.Find("replacement");
        string mark = replacement?.String() ?? "\u2581";
        if (mark.Length != 1) throw replacement!.Value.Mismatch("one character");
        string scheme = field.Find("prepend_scheme")?.String() ?? (field.Find("add_prefix_space")?.Boolean() == false ? "never" : "always");
        return new MetaspacePreTokenizer(
            mark[0],
            scheme switch
            {
                "always" => PrependScheme.Always,
                "first" => PrependScheme.First,
                "never" => PrependScheme.Never,
                _ => throw field.Find("prepend_scheme")!.Value.Mismatch("'always', 'first' or 'never'"),
            },
            field.Find("split")?.Boolean() ?? true);
    }

    /// <inheritdoc/>
    public override void Apply(Segments segments)
    {
        segments.Rewrite((text, start, end) =>
        {
            bool first = Scheme == PrependScheme.Always || (Scheme == PrependScheme.First && text.OriginalStart(start) == 0);
            UnicodeProperties.CodePointAt(text.Span[..end], start, out int length);
            if (first && text[start] != ' ' && text[start] != Replacement) text.Put(Replacement, start, start + length);
            for (int i = start; i < end; i++) text.Put(text[i] == ' ' ? Replacement : text[i], i, i + 1);
        });
        if (!Split) return;
        segments.Split(
            (cut, start, end) =>
            {
                for (int i = start; i < end; i++)
                    if (cut.Text[i] == Replacement) cut.Found.Add((i - start, i - start + 1));
            },
            SplitBehavior.MergedWithNext);
    }

    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "Metaspace");
        writer.WriteString("replacement", Replacement.ToString());
        writer.WriteString("prepend_scheme", Scheme.ToString().ToLowerInvariant());
        writer.WriteBoolean("split", Split);
        writer.WriteEndObject();
    }
}
