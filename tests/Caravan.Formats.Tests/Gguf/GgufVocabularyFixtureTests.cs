using Caravan.Testing;

namespace Caravan.Formats.Tests;

public class GgufVocabularyFixtureTests
{
    [FixtureTheory]
    [InlineData("gpt-2", "gpt2", 50257)]
    [InlineData("bert-bge", "bert", 30522)]
    [InlineData("llama-spm", "llama", 32000)]
    [InlineData("phi-3", "llama", 32064)]
    [InlineData("deepseek-coder", "gpt2", 32256)]
    [InlineData("deepseek-llm", "gpt2", 102400)]
    [InlineData("falcon", "gpt2", 65024)]
    [InlineData("mpt", "gpt2", 50432)]
    [InlineData("refact", "gpt2", 49216)]
    [InlineData("starcoder", "gpt2", 49152)]
    [InlineData("baichuan", "llama", 64000)]
    [InlineData("gpt-neox", "gpt2", 50432)]
    public void Vocabularies_are_read_whole(string name, string model, int tokens)
    {
        using Checkpoint checkpoint = CheckpointReader.Open(Fixtures.PathOf("tokenizers", $"ggml-vocab-{name}.gguf"));

        Assert.Equal("GGUF v3", checkpoint.Format);
        Assert.Empty(checkpoint.Tensors);
        Assert.Equal(model, checkpoint.Metadata!.String("tokenizer.ggml.model"));
        Assert.Equal(tokens, checkpoint.Metadata.Strings("tokenizer.ggml.tokens")!.Length);
        Assert.Equal(tokens, checkpoint.Metadata.Integers("tokenizer.ggml.token_type")!.Length);
    }
}
