using Caravan.Testing;

namespace Caravan.Text.Tests;

public class GoldenTests
{
    [FixtureTheory]
    [InlineData("gpt-2")]
    [InlineData("bert-bge")]
    [InlineData("llama-spm")]
    [InlineData("phi-3")]
    [InlineData("deepseek-coder")]
    [InlineData("deepseek-llm")]
    [InlineData("falcon")]
    [InlineData("mpt")]
    [InlineData("refact")]
    [InlineData("starcoder")]
    public void Gguf_vocabulary_gives_exactly_the_golden_ids(string name) => Vectors.AssertAll(name, Vectors.Tokenizer(name));

    [FixtureFact]
    public void Tokenizer_json_of_gpt_neox_gives_the_golden_ids_of_mpt() =>
        Vectors.AssertAll("mpt", Tokenizer.Load(Fixtures.PathOf("tokenizers", "gpt-neox-20b", "tokenizer.json")));

    [FixtureFact]
    public void Gguf_without_a_pre_tokenizer_name_warns_and_follows_its_architecture()
    {
        Tokenizer tokenizer = Tokenizer.Load(Fixtures.PathOf("tokenizers", "ggml-vocab-gpt-neox.gguf"));
        Assert.Contains("'mpt' is assumed", Assert.Single(tokenizer.Warnings), StringComparison.Ordinal);
        Vectors.AssertAll("mpt", tokenizer);
    }
}
