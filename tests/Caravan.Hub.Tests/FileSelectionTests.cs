namespace Caravan.Hub.Tests;

public class FileSelectionTests
{
    [Theory]
    [InlineData("config.json model.safetensors pytorch_model.bin tokenizer.json README.md", "config.json model.safetensors tokenizer.json")]
    [InlineData("config.json model-00001-of-00002.safetensors model-00002-of-00002.safetensors model.safetensors.index.json pytorch_model.bin.index.json consolidated.safetensors params.json",
        "config.json model-00001-of-00002.safetensors model-00002-of-00002.safetensors model.safetensors.index.json params.json")]
    [InlineData("config.json pytorch_model.bin training_args.bin tokenizer.model special_tokens_map.json flax_model.msgpack", "config.json pytorch_model.bin tokenizer.model special_tokens_map.json")]
    [InlineData("config.json model.safetensors original/params.json onnx/model.onnx modeling.py qwen.tiktoken merges.txt", "config.json model.safetensors qwen.tiktoken merges.txt")]
    [InlineData("RWKV-5-World-0.4B.pth rwkv_vocab_v20230424.txt README.md", "RWKV-5-World-0.4B.pth rwkv_vocab_v20230424.txt")]
    [InlineData("README.md tiny.gguf config.json", "tiny.gguf")]
    [InlineData("tiny-00001-of-00002.gguf tiny-00002-of-00002.gguf mmproj-f16.gguf", "tiny-00001-of-00002.gguf tiny-00002-of-00002.gguf")]
    public void AModelIsWhatItNeedsToRun(string files, string expected) => Assert.Equal(expected, Chosen(files));

    [Theory]
    [InlineData("Q4_K_M", "m.Q4_K_M.gguf")]
    [InlineData("q4_k_m", "m.Q4_K_M.gguf")]
    [InlineData("Q4_K_S", "m-Q4_K_S.gguf")]
    [InlineData("Q8_0", "Q8_0/m-00001-of-00002.gguf Q8_0/m-00002-of-00002.gguf")]
    public void AQuantizationIsOneOfSeveral(string quantization, string expected) => Assert.Equal(
        expected,
        Chosen("m.Q4_K_M.gguf m-Q4_K_S.gguf Q8_0/m-00001-of-00002.gguf Q8_0/m-00002-of-00002.gguf", request => request with { Quantization = quantization }));

    [Fact]
    public void SeveralQuantizationsAreListed()
    {
        Assert.Equal(
            "'org/m' has 2 GGUF models: 'm.Q4_K_M.gguf' (4.1 GB), 'm.Q8_0.gguf' (7.2 GB); choose one as org/m:Q4_K_M or with --file.",
            Assert.Throws<CaravanException>(() => Chosen("m.Q8_0.gguf=7200000000 m.Q4_K_M.gguf=4100000000")).Message);
        Assert.Equal(
            "'org/m' has no GGUF model of 'Q4_K'; it has 'm.Q4_K_M.gguf' (4.1 GB), 'm.Q8_0.gguf' (7.2 GB). Did you mean 'Q4_K_M' or 'Q8_0'?",
            Assert.Throws<CaravanException>(() => Chosen("m.Q8_0.gguf=7200000000 m.Q4_K_M.gguf=4100000000", request => request with { Quantization = "Q4_K" })).Message);
    }

    [Fact]
    public void PatternsTakeAndLeave()
    {
        const string files = "a.json b.json sub/c.json d.bin";
        Assert.Equal("a.json b.json sub/c.json", Chosen(files, request => request with { Include = ["*.json"] }));
        Assert.Equal("a.json", Chosen(files, request => request with { Include = ["?.json"], Exclude = ["b*", "sub/"] }));
        Assert.Equal("sub/c.json", Chosen(files, request => request with { Files = ["sub/c.json"] }));
        Assert.Contains("fits --include '*.gguf'", Assert.Throws<CaravanException>(() => Chosen(files, request => request with { Include = ["*.gguf"] })).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("org/name", true)]
    [InlineData("gpt2", true)]
    [InlineData("Qwen/Qwen1.5-0.5B", true)]
    [InlineData("a/b/c", false)]
    [InlineData("../b", false)]
    [InlineData("a/..", false)]
    [InlineData("a/b c", false)]
    [InlineData("a/b--c", false)]
    [InlineData("/a", false)]
    [InlineData("", false)]
    public void NamesOfRepositoriesAreChecked(string text, bool valid) => Assert.Equal(valid, RepositoryName.TryParse(text) is not null);

    private static string Chosen(string files, Func<PullRequest, PullRequest>? ask = null)
    {
        RepositoryName name = new("org/m");
        Repository repository = new(name, new string('0', 40), [.. files.Split(' ').Select(file => file.Split('=')).Select(pair => (pair[0], pair.Length > 1 ? long.Parse(pair[1]) : (long?)null))]);
        return string.Join(' ', FileSelection.Choose(repository, (ask ?? (request => request))(new PullRequest(name))));
    }
}
