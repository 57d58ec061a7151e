using System.Text.Json;

namespace Caravan.Text;

/// <summary>What a Split or Replace looks for: a text as it is, or a regular expression.</summary>
internal sealed record TextPattern(string Source, CodePointPattern? Expression)
{
    /// <summary>A pattern that finds exactly this text.</summary>
    public static TextPattern Literal(string text) => new(text, null);

    /// <summary>A regular expression.</summary>
    public static TextPattern Regex(string source) => new(source, new CodePointPattern(source));

    /// <summary>Reads <c>{"String": "..."}</c> or <c>{"Regex": "..."}</c>.</summary>
    public static TextPattern Read(JsonField field)
    {
        if (field.Find("String") is { } literal) return Literal(literal.String());
        if (field.Find("Regex") is { } expression) return Regex(expression.String());
        throw field.Mismatch("an object with the key 'String' or 'Regex'");
    }

    /// <summary>Writes the pattern as <see cref="Read"/> takes it.</summary>
    public void WriteJson(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString(Expression is null ? "String" : "Regex", Source);
        writer.WriteEndObject();
    }

    /// <summary>Adds the (start, end) of all occurrences.</summary>
    public void Matches(ReadOnlySpan<char> text, PatternMatcher matcher, List<(int Start, int End)> matches)
    {
        if (Expression is not null)
        {
            Expression.Matches(text, matcher, matches);
            return;
        }

        for (int position = 0; Source.Length > 0;)
        {
            int found = text[position..].IndexOf(Source, StringComparison.Ordinal);
            if (found < 0) return;
            matches.Add((position + found, position + found + Source.Length));
            position += found + Source.Length;
        }
    }
}

/// <summary>Replaces every occurrence of a pattern by a text.</summary>
internal sealed record ReplaceNormalizer(TextPattern Pattern, string Content) : Normalizer
{
    /// <inheritdoc/>
    public override void Apply(AlignedText text)
    {
        List<(int Start, int End)> matches = [];
        Pattern.Matches(text.Span, new PatternMatcher(), matches);
        if (matches.Count == 0) return;
        text.Begin();
        int done = 0;
        foreach ((int start, int end) in matches)
        {
            for (; done < start; done++) text.Put(text[done], done, done + 1);
            text.Put(Content, start, end);
            done = end;
        }

        for (; done < text.Length; done++) text.Put(text[done], done, done + 1);
        text.End();
    }

    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "Replace");
        writer.WritePropertyName("pattern");
        Pattern.WriteJson(writer);
        writer.WriteString("content", Content);
        writer.WriteEndObject();
    }
}
