using System.Text;
using Caravan.Testing;

namespace Caravan.Text.Tests;

/// <summary>The .inp/.out pairs of the tokenizer fixtures.</summary>
internal static class Vectors
{
    public static string PathOf(string name) => Fixtures.PathOf("tokenizers", $"ggml-vocab-{name}.gguf");

    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, Lazy<Tokenizer>> Loaded = new();

    /// <summary>The tokenizer of a vocabulary, read once for all tests.</summary>
    public static Tokenizer Tokenizer(string name) => Loaded.GetOrAdd(name, key => new Lazy<Tokenizer>(() => Text.Tokenizer.Load(PathOf(key)))).Value;

    public static string[] Texts(string name)
    {
        string whole = Encoding.UTF8.GetString(File.ReadAllBytes(PathOf(name) + ".inp"));
        return whole.Split("\n__ggml_vocab_test__\n")[..^1];
    }

    public static int[][] Ids(string name) =>
        [.. File.ReadAllText(PathOf(name) + ".out").TrimEnd('\n').Split('\n').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse).ToArray())];

    public static void AssertAll(string name, Tokenizer tokenizer)
    {
        string[] texts = Texts(name);
        int[][] ids = Ids(name);
        Assert.Equal(46, texts.Length);
        Assert.Equal(texts.Length, ids.Length);
        for (int i = 0; i < texts.Length; i++)
        {
            int[] found = tokenizer.Encode(texts[i], addSpecial: false);
            Assert.True(ids[i].SequenceEqual(found), $"{name} text {i} '{texts[i]}'\nexpected {string.Join(' ', ids[i])}\nfound    {string.Join(' ', found)}");
            int[] again = [.. tokenizer.EncodeWithOffsets(texts[i], addSpecial: false).Select(token => token.Id)];
            Assert.Equal(ids[i], again);
        }
    }
}
