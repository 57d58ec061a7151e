using System.Text;
using Caravan.Testing;

namespace Caravan.Formats.Tests;

public sealed class Llama2cTokenizerFileTests
{
    [FixtureFact]
    public void The_fixture_has_512_tokens()
    {
        Llama2cTokenizerFile file = Llama2cTokenizerFile.Read(Fixtures.PathOf("real", "tok512.bin"));
        Assert.Equal(7, file.MaximumTokenLength);
        Assert.Equal(512, file.Pieces.Count);
        Assert.Equal(512, file.Scores.Count);
        Assert.Equal("<unk>", Encoding.UTF8.GetString(file.Pieces[0]));
        Assert.Equal("\n<s>\n", Encoding.UTF8.GetString(file.Pieces[1]));
        Assert.Equal("<0xFF>", Encoding.UTF8.GetString(file.Pieces[258]));
        Assert.Equal("he", Encoding.UTF8.GetString(file.Pieces[260]));
        Assert.Equal(-1f, file.Scores[260]);
        Assert.Equal("\u200a", Encoding.UTF8.GetString(file.Pieces[511]));
        Assert.Equal(-252f, file.Scores[511]);
        Assert.Equal(file.MaximumTokenLength, file.Pieces.Max(piece => piece.Length));
    }

    [Fact]
    public void Broken_files_are_refused_by_token()
    {
        using TemporaryFolder folder = new();
        byte[] good = File(("a", 0f), ("bc", -1f));
        AssertRefused(folder, good.AsSpan(..2), "it holds 2 bytes where the length of the longest token takes 4");
        AssertRefused(folder, good.AsSpan(..4), "it holds no tokens");
        AssertRefused(folder, good.AsSpan(..^1), "token 1 at byte 13 says 2 bytes where 1 remain");
        AssertRefused(folder, good.AsSpan(..^4), "it ends inside the score and length of token 1");
        AssertRefused(folder, File(("a", float.NaN)), "the score of token 0 is NaN");
        good[8] = 0xff;
        good[11] = 0xff;
        AssertRefused(folder, good, "token 0 at byte 4 says -16776961 bytes where 11 remain");
        good[3] = 0x80;
        AssertRefused(folder, good, "it says that the longest token has -2147483646 bytes");
    }

    [Fact]
    public void The_vocabulary_is_found_beside_the_checkpoint()
    {
        using TemporaryFolder folder = new();
        string checkpoint = folder.File("stories.bin");
        Assert.Null(Llama2cTokenizerFile.FindBeside(checkpoint, 512, out IReadOnlyList<string> tried));
        Assert.Equal(["stories.tokenizer.bin", "tok512.bin", "tokenizer.bin"], tried);
        foreach (string name in tried.Reverse())
        {
            string path = folder.Write(name, File(("a", 0f)));
            Assert.Equal(path, Llama2cTokenizerFile.FindBeside(checkpoint, 512, out _));
        }
    }

    private static void AssertRefused(TemporaryFolder folder, ReadOnlySpan<byte> bytes, string what)
    {
        string path = folder.Write("tokenizer.bin", bytes);
        Assert.Equal(
            $"'{path}' is not a llama2.c vocabulary: {what}; export it again with llama2.c's tokenizer.py.",
            Assert.Throws<CaravanException>(() => Llama2cTokenizerFile.Read(path)).Message);
    }

    private static byte[] File(params (string Piece, float Score)[] tokens)
    {
        using MemoryStream stream = new();
        using BinaryWriter writer = new(stream);
        writer.Write(2);
        foreach ((string piece, float score) in tokens)
        {
            writer.Write(score);
            writer.Write(piece.Length);
            writer.Write(Encoding.UTF8.GetBytes(piece));
        }

        return stream.ToArray();
    }
}
