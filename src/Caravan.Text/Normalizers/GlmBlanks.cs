using System.Globalization;
using System.Text.Json;

namespace Caravan.Text;

/// <summary>
/// ChatGLM 1's names for what a SentencePiece model would lose: <c>&lt;n&gt;</c> for a line end, <c>&lt;|tab|&gt;</c>, and <c>&lt;|blank_2|&gt;</c> to
/// <c>&lt;|blank_80|&gt;</c> for runs of blanks.
/// </summary>
internal static class GlmBlanks
{
    /// <summary>The longest run with a name; longer ones are cut.</summary>
    public const int Longest = 80;

    /// <summary>Names with what they stand for, in the order in which they are looked for.</summary>
    public static IReadOnlyList<(string Name, string Text)> All { get; } =
    [
        ("<n>", "\n"), ("<|tab|>", "\t"),
        .. Enumerable.Range(2, Longest - 1).Reverse().Select(length => (string.Create(CultureInfo.InvariantCulture, $"<|blank_{length}|>"), new string(' ', length))),
    ];
}

/// <summary>Line ends, tabs and runs of blanks become their names.</summary>
internal sealed record GlmBlanksNormalizer : Normalizer
{
    /// <inheritdoc/>
    public override void Apply(AlignedText text)
    {
        text.Begin();
        for (int i = 0, length; i < text.Length; i += length)
        {
            length = 1;
            while (text[i] == ' ' && length < GlmBlanks.Longest && i + length < text.Length && text[i + length] == ' ') length++;
            if (text[i] == '\n') text.Put(GlmBlanks.All[0].Name, i, i + 1);
            else if (text[i] == '\t') text.Put(GlmBlanks.All[1].Name, i, i + 1);
            else if (length > 1) text.Put(GlmBlanks.All[^(length - 1)].Name, i, i + length);
            else text.Put(text[i], i, i + 1);
        }

        text.End();
    }

    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter writer) =>
        new SequenceNormalizer([.. GlmBlanks.All.Select(each => new ReplaceNormalizer(TextPattern.Literal(each.Text), each.Name))]).WriteJson(writer);
}

/// <summary>The names become what they stand for.</summary>
internal sealed record GlmBlanksDecoder : Decoder
{
    private static readonly Dictionary<string, string> Texts = GlmBlanks.All.ToDictionary(each => each.Name, each => each.Text, StringComparer.Ordinal);

    /// <inheritdoc/>
    public override void Apply(DecodePiece piece)
    {
        if (Texts.TryGetValue(piece.Text, out string? text)) piece.Text = text;
    }

    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter writer) =>
        new SequenceDecoder([.. GlmBlanks.All.Select(each => new ReplaceDecoder(TextPattern.Literal(each.Name), each.Text))]).WriteJson(writer);
}
