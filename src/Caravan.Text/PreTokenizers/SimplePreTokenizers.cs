using System.Text.Json;

namespace Caravan.Text;

/// <summary>Several pre-tokenizers one after the other.</summary>
internal sealed record SequencePreTokenizer(IReadOnlyList<PreTokenizer> Steps) : PreTokenizer
{
    /// <inheritdoc/>
    public override void Apply(Segments segments)
    {
        foreach (PreTokenizer step in Steps) step.Apply(segments);
    }

    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "Sequence");
        writer.WriteStartArray("pretokenizers");
        foreach (PreTokenizer step in Steps) step.WriteJson(writer);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}

/// <summary>A pre-tokenizer whose delimiters are single code points.</summary>
internal abstract record CodePointPreTokenizer : PreTokenizer
{
    /// <summary>Finds every code point that passes the test.</summary>
    protected static void Split(Segments segments, Func<int, bool> test, SplitBehavior behavior) => segments.Split(
        (cut, start, end) =>
        {
            ReadOnlySpan<char> text = cut.Text.Span[start..end];
            for (int i = 0, length; i < text.Length; i += length)
                if (test(UnicodeProperties.CodePointAt(text, i, out length))) cut.Found.Add((i, i + length));
        },
        behavior);
}

/// <summary>Cuts at white space, which is dropped.</summary>
internal sealed record WhitespaceSplitPreTokenizer : CodePointPreTokenizer
{
    /// <inheritdoc/>
    public override void Apply(Segments segments) => Split(segments, UnicodeProperties.IsWhiteSpace, SplitBehavior.Removed);

    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter writer) => WriteType(writer, "WhitespaceSplit");
}

/// <summary>BERT's: white space is dropped, every punctuation mark stands alone.</summary>
internal sealed record BertPreTokenizer : CodePointPreTokenizer
{
    /// <inheritdoc/>
    public override void Apply(Segments segments)
    {
        Split(segments, UnicodeProperties.IsWhiteSpace, SplitBehavior.Removed);
        Split(segments, UnicodeProperties.IsPunctuation, SplitBehavior.Isolated);
    }

    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter writer) => WriteType(writer, "BertPreTokenizer");
}

/// <summary>Cuts numbers off, digit by digit or as runs.</summary>
internal sealed record DigitsPreTokenizer(bool Individual) : CodePointPreTokenizer
{
    /// <inheritdoc/>
    public override void Apply(Segments segments) =>
        Split(segments, UnicodeProperties.IsNumber, Individual ? SplitBehavior.Isolated : SplitBehavior.Contiguous);

    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "Digits");
        writer.WriteBoolean("individual_digits", Individual);
        writer.WriteEndObject();
    }
}

/// <summary>Cuts at punctuation marks.</summary>
internal sealed record PunctuationPreTokenizer(SplitBehavior Behavior) : CodePointPreTokenizer
{
    /// <inheritdoc/>
    public override void Apply(Segments segments) => Split(segments, UnicodeProperties.IsPunctuation, Behavior);

    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "Punctuation");
        writer.WriteString("behavior", Behavior.ToString());
        writer.WriteEndObject();
    }
}

/// <summary>Cuts at one character, which is dropped.</summary>
internal sealed record DelimiterPreTokenizer(string Delimiter) : PreTokenizer
{
    private readonly TextPattern pattern = TextPattern.Literal(Delimiter);

    /// <inheritdoc/>
    public override void Apply(Segments segments) => segments.Split(
        (cut, start, end) => pattern.Matches(cut.Text.Span[start..end], cut.Matcher, cut.Found), SplitBehavior.Removed);

    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "CharDelimiterSplit");
        writer.WriteString("delimiter", Delimiter);
        writer.WriteEndObject();
    }
}

/// <summary>Keeps runs of word characters and runs of other characters; white space is dropped.</summary>
internal sealed record WhitespacePreTokenizer : PreTokenizer
{
    private static readonly CodePointPattern Words = new(@"\w+|[^\w\s]+");

    /// <inheritdoc/>
    public override void Apply(Segments segments) => segments.Split(
        (cut, start, end) => Words.Matches(cut.Text.Span[start..end], cut.Matcher, cut.Found), SplitBehavior.Removed, invert: true);

    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter writer) => WriteType(writer, "Whitespace");
}
