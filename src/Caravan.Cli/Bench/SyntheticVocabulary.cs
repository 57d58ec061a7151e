using System.Globalization;
using Caravan.Formats;
using Caravan.Text;

namespace Caravan.Cli;

/// <summary>
/// A vocabulary of SentencePiece's kind without meaning: control tokens, the 256 bytes, then letters and longer and longer words, each alone and
/// after a blank. Every text has tokens, and llama.cpp loads it too.
/// </summary>
internal static class SyntheticVocabulary
{
    private const string Blank = "\u2581";
    private const int Unknown = 0, Begin = 1, End = 2;

    /// <summary>Adds the keys <c>tokenizer.ggml.*</c> for <paramref name="count"/> tokens, at least 260.</summary>
    public static void Write(GgufMetadata metadata, int count)
    {
        List<Piece> pieces =
        [
            new("<unk>", Kind: PieceKind.Unknown), new("<s>", Kind: PieceKind.Control), new("</s>", Kind: PieceKind.Control),
            .. Enumerable.Range(0, 256).Select(value => new Piece($"<0x{value.ToString("X2", CultureInfo.InvariantCulture)}>", Kind: PieceKind.Byte)),
        ];
        for (int i = 0; pieces.Count < count; i++) pieces.Add(new Piece((i % 2 == 0 ? Blank : "") + Letters((i + 1) / 2), -i));
        metadata.Set("tokenizer.ggml.model", "llama");
        metadata.Set("tokenizer.ggml.tokens", pieces.Select(piece => piece.Text).ToArray());
        metadata.Set("tokenizer.ggml.scores", pieces.Select(piece => (float)piece.Score).ToArray());
        metadata.Set("tokenizer.ggml.token_type", pieces.Select(piece => (int)piece.Kind).ToArray());
        metadata.Set("tokenizer.ggml.unknown_token_id", (uint)Unknown);
        metadata.Set("tokenizer.ggml.bos_token_id", (uint)Begin);
        metadata.Set("tokenizer.ggml.eos_token_id", (uint)End);
    }

    /// <summary>Number <paramref name="number"/> of: nothing, a, b, … z, aa, ab, … zz, aaa, …</summary>
    private static string Letters(int number)
    {
        string letters = "";
        for (; number > 0; number = (number - 1) / 26) letters = (char)('a' + ((number - 1) % 26)) + letters;
        return letters;
    }
}
