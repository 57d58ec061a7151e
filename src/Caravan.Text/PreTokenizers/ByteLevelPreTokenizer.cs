using System.Text.Json;

namespace Caravan.Text;

/// <summary>GPT-2's: cuts by its regular expression if wanted, then every byte of the UTF-8 form becomes a printable character.</summary>
internal sealed record ByteLevelPreTokenizer(bool AddPrefixSpace, bool UseRegex, bool TrimOffsets = true) : PreTokenizer
{
    /// <summary>GPT-2's expression.</summary>
    public const string Expression = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    private static readonly CodePointPattern Words = new(Expression);

    /// <inheritdoc/>
    public override void Apply(Segments segments)
    {
        Cut(segments);
        segments.Rewrite((text, start, end) =>
        {
            for (int i = start, length; i < end; i += length)
                ByteAlphabet.Put(text, UnicodeProperties.CodePointAt(text.Span[..end], i, out length), i, i + length);
        });
    }

    /// <summary>Does all but turning bytes into characters, for a model that takes bytes.</summary>
    public void Cut(Segments segments)
    {
        if (AddPrefixSpace)
            segments.Rewrite((text, start, end) =>
            {
                UnicodeProperties.CodePointAt(text.Span[..end], start, out int first);
                if (text[start] != ' ') text.Put(' ', start, start + first);
                for (int i = start; i < end; i++) text.Put(text[i], i, i + 1);
            });
        if (UseRegex)
            segments.Split((cut, start, end) => Words.Matches(cut.Text.Span[start..end], cut.Matcher, cut.Found), SplitBehavior.Isolated);
    }

    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "ByteLevel");
        writer.WriteBoolean("add_prefix_space", AddPrefixSpace);
        writer.WriteBoolean("trim_offsets", TrimOffsets);
        writer.WriteBoolean("use_regex", UseRegex);
        writer.WriteEndObject();
    }
}
