using System.Text;
using Caravan.Testing;

namespace Caravan.Text.Tests;

public class TiktokenTests
{
    [FixtureFact]
    public void Ranks_alone_give_the_golden_ids_and_the_merges()
    {
        Tokenizer source = Tokenizer.Load(Fixtures.PathOf("tokenizers", "ggml-vocab-gpt-2.gguf"));
        using TemporaryFolder folder = new();
        string path = folder.Write("r50k_base.tiktoken", File_(source.Definition.Pieces.Take(50256).Select(piece => Bytes(piece.Text))));
        Tokenizer tokenizer = Tokenizer.Load(path);
        Assert.Equal(source.Definition.Merges, tokenizer.Definition.Merges);
        Vectors.AssertAll("gpt-2", tokenizer);
        Formats.GgufMetadata metadata = new();
        tokenizer.WriteTo(metadata);
        Assert.Equal("gpt-2", metadata.String("tokenizer.ggml.pre"));
        Vectors.AssertAll("gpt-2", Tokenizer.FromGguf(metadata));
    }

    [Fact]
    public void Qwen_has_its_control_tokens_behind_the_ranks()
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("qwen.tiktoken", File_([.. Alphabet, "ab"u8.ToArray(), "abc"u8.ToArray(), [0xC3, 0xA9], "xyz"u8.ToArray()]));
        Tokenizer tokenizer = Tokenizer.Load(path);
        Assert.Equal(260 + 3 + 205, tokenizer.VocabularySize);
        Assert.Equal(260, tokenizer.Definition.EosId);
        Assert.Equal([257, 'd'], tokenizer.Encode("abcd"));
        // A piece that no merges lead to is found as a whole segment only.
        Assert.Equal([259], tokenizer.Encode("xyz"));
        Assert.Equal(['x', 'y', 'z', 'x'], tokenizer.Encode("xyzx"));
        // NFC: e and an acute accent are one letter.
        Assert.Equal([258], tokenizer.Encode("e\u0301"));
        Assert.Equal([261, 'a', 262], tokenizer.Encode("<|im_start|>a<|im_end|>", parseSpecial: true));
        Assert.Equal([260 + 3 + 204], tokenizer.Encode("<|extra_204|>", parseSpecial: true));
        Assert.Equal("abcd\u00E9", tokenizer.Decode([257, 'd', 258]));
        Assert.Equal([257], Tokenizer.Load(folder.Path).Encode("abc"));
    }

    [Fact]
    public void The_class_beside_a_file_names_its_vocabulary()
    {
        using TemporaryFolder folder = new();
        byte[] file = File_([.. Alphabet, "ab"u8.ToArray()]);
        folder.Write("tokenizer_config.json", """{"tokenizer_class": "ChatGLM4Tokenizer", "added_tokens_decoder": {"257": {"content": "<|user|>", "special": true}}, "eos_token": "<|user|>"}"""u8);
        Tokenizer tokenizer = Tokenizer.Load(folder.Write("tokenizer.model", file));
        Assert.Equal("glm4", tokenizer.Definition.PreTokenizerName);
        Assert.Equal(257, tokenizer.Definition.EosId);
        Assert.Equal([256, 257], tokenizer.Encode("ab<|user|>", parseSpecial: true));
    }

    [Fact]
    public void Files_that_are_damaged_or_unknown_are_refused()
    {
        Assert.StartsWith(
            "'strange.tiktoken' has 257 pieces and does not say how text is cut; known are the files of qwen, llama3, chatglm4, cl100k, o200k, r50k.",
            Small.Refusal("strange.tiktoken", File_([.. Alphabet, "ab"u8.ToArray()])), StringComparison.Ordinal);
        foreach (string line in new[] { "QQ= 1", "QQ== 2", "QQ==", " 1", "QQ== x" })
            Assert.Equal(
                "'qwen.tiktoken' has in line 2 no piece in base64 with the rank 1, as in tiktoken's files; download the file again.",
                Small.Refusal("qwen.tiktoken", Encoding.ASCII.GetBytes("IQ== 0\n" + line)));
    }

    private static IEnumerable<byte[]> Alphabet => Enumerable.Range(0, 256).Select(value => new[] { (byte)value });

    private static byte[] File_(IEnumerable<byte[]> pieces) =>
        Encoding.ASCII.GetBytes(string.Concat(pieces.Select((piece, rank) => $"{Convert.ToBase64String(piece)} {rank}\n")));

    private static byte[] Bytes(string piece) => [.. piece.Select(character => (byte)ByteAlphabet.ByteOf(character))];
}
