using Caravan.Formats;

namespace Caravan.Text.Tests;

public class SentencePieceTests
{
    private static readonly Piece[] Special = [new("<unk>", 0, PieceKind.Unknown), new("<s>", 0, PieceKind.Control), new("</s>", 0, PieceKind.Control)];

    private static Tokenizer Load(byte[] file) => new(SentencePieceFile.Read(file, "tokenizer.model"));

    private static string[] Pieces(Tokenizer tokenizer, string text, bool addSpecial = false) =>
        [.. tokenizer.EncodeWithOffsets(text, addSpecial).Select(token => token.Piece)];

    [Fact]
    public void Extra_blanks_go_when_the_model_says_so()
    {
        Piece[] pieces = [.. Special, new("\u2581", -3), new("a", -4), new("b", -5), new("\u2581a", -1), new("\u2581b", -2)];
        Assert.Equal(["\u2581a", "\u2581b"], Pieces(Load(Small.SentencePiece(pieces, 2)), "  a   b  "));
        Assert.Equal(
            ["\u2581", "\u2581", "\u2581a", "\u2581", "\u2581b", "\u2581"], Pieces(Load(Small.SentencePiece(pieces, 2, tidy: false)), "  a  b "));
        Assert.Equal(["a", "\u2581b"], Pieces(Load(Small.SentencePiece(pieces, 2, prefix: false)), " a b"));
        Assert.Empty(Load(Small.SentencePiece(pieces, 2)).Encode("   ", addSpecial: false));
        Assert.Equal("a b", Load(Small.SentencePiece(pieces, 2)).Decode([6, 7]));
    }

    [Fact]
    public void Bpe_adds_bos_and_unigram_eos()
    {
        Piece[] pieces = [.. Special, new("\u2581a", -1), new("\u2581", -2), new("a", -3)];
        Assert.Equal(["<s>", "\u2581a"], Pieces(Load(Small.SentencePiece(pieces, 2)), "a", addSpecial: true));
        Assert.Equal(["\u2581a", "</s>"], Pieces(Load(Small.SentencePiece(pieces, 1)), "a", addSpecial: true));
    }

    [Fact]
    public void Unknown_characters_in_a_row_are_one_token_or_bytes()
    {
        Piece[] pieces = [.. Special, new("\u2581", -2), new("a", -3)];
        Assert.Equal(["\u2581", "a", "<unk>", "a"], Pieces(Load(Small.SentencePiece(pieces, 2)), "axya"));
        Assert.Equal(["\u2581", "a", "<unk>", "a"], Pieces(Load(Small.SentencePiece(pieces, 1)), "axya"));
        Piece[] bytes = [.. pieces, .. Enumerable.Range(0, 256).Select(value => new Piece($"<0x{value:X2}>", 0, PieceKind.Byte))];
        foreach (int type in new[] { 1, 2 })
        {
            Tokenizer tokenizer = Load(Small.SentencePiece(bytes, type, byteFallback: true));
            Assert.Equal(["\u2581", "<0xC3>", "<0xA9>", "a"], Pieces(tokenizer, "\u00E9a"));
            Assert.Equal([(0, 1), (0, 1), (0, 1), (1, 2)], tokenizer.EncodeWithOffsets("\u00E9a", addSpecial: false).Select(token => (token.Start, token.End)));
            Assert.Equal("\u00E9a", tokenizer.Decode(tokenizer.Encode("\u00E9a")));
        }
    }

    [Fact]
    public void Best_score_first_unused_pieces_come_apart_and_control_pieces_are_never_spelled()
    {
        Piece[] pieces = [.. Special, new("\u2581", -9), new("a", -9), new("b", -9), new("c", -9), new("ab", -2), new("bc", -1), new("abc", -3)];
        Assert.Equal(["\u2581", "abc"], Pieces(Load(Small.SentencePiece(pieces, 2)), "abc"));
        pieces[^1] = new("abc", -3, PieceKind.Unused);
        Assert.Equal(["\u2581", "a", "bc"], Pieces(Load(Small.SentencePiece(pieces, 2)), "abc"));
        pieces = [.. Special, new("\u2581", -9), new("<", -9), new("s", -9), new(">", -9), new("<s", -1)];
        Assert.Equal(["\u2581", "<s", ">"], Pieces(Load(Small.SentencePiece(pieces, 2)), "<s>"));
        Assert.Equal([1], Load(Small.SentencePiece(pieces, 2)).Encode("<s>", addSpecial: false, parseSpecial: true));
    }

    [Fact]
    public void User_defined_pieces_are_found_before_anything_merges()
    {
        Piece[] pieces = [.. Special, new("\u2581\u2581", 0, PieceKind.UserDefined), new("\u2581", -9), new("a", -9), new("\u2581a", -1)];
        Tokenizer tokenizer = Load(Small.SentencePiece(pieces, 2, prefix: false, tidy: false));
        Assert.Equal(["a", "\u2581\u2581", "\u2581a"], Pieces(tokenizer, "a   a"));
        Assert.Equal("a   a", tokenizer.Decode(tokenizer.Encode("a   a")));
        GgufMetadata metadata = new();
        tokenizer.WriteTo(metadata);
        Assert.Equal(tokenizer.Encode("a   a"), Tokenizer.FromGguf(metadata).Encode("a   a"));
    }

    [Fact]
    public void The_character_map_replaces_the_longest_prefix_and_keeps_offsets()
    {
        byte[] map = Small.CharacterMap(("\uFF21", "A"), ("e\u0301", "\u00E9"), ("e", "e"), ("\u2122", "TM"), ("\u00AD", ""), ("\t", " "));
        Piece[] pieces = [.. Special, .. "\u2581ATMe\u00E9x".Select(unit => new Piece(unit.ToString(), -1))];
        Tokenizer tokenizer = Load(Small.SentencePiece(pieces, 1, map: map));
        TextToken[] tokens = tokenizer.EncodeWithOffsets("\uFF21\t\u2122e\u0301e\u00ADx", addSpecial: false);
        Assert.Equal(["\u2581", "A", "\u2581", "T", "M", "\u00E9", "e", "x"], tokens.Select(token => token.Piece));
        Assert.Equal([(0, 1), (0, 1), (1, 2), (2, 3), (2, 3), (3, 5), (5, 6), (7, 8)], tokens.Select(token => (token.Start, token.End)));
        GgufMetadata metadata = new();
        tokenizer.WriteTo(metadata);
        Assert.Equal("t5", metadata.String("tokenizer.ggml.model"));
        Assert.False(metadata.Contains(GgufVocabulary.JsonKey));
        Assert.Equal(tokens, Tokenizer.FromGguf(metadata).EncodeWithOffsets("\uFF21\t\u2122e\u0301e\u00ADx", addSpecial: false));
        TokenizerDefinition json = TokenizerJsonReader.Read(TokenizerJsonWriter.Write(tokenizer.Definition, false), "tokenizer.json");
        Assert.Equal(tokens, new Tokenizer(json).EncodeWithOffsets("\uFF21\t\u2122e\u0301e\u00ADx", addSpecial: false));
    }
}
