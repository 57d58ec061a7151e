using System.Text.Json;
using Caravan.Formats;
using Caravan.Kernels;
using Caravan.Testing;
using Caravan.Text;

namespace Caravan.Weights.Tests;

/// <summary>Folders: their configuration, shards and tokenizer files.</summary>
public sealed class FolderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_folder_keeps_what_it_says_and_changes_its_type()
    {
        string source = TinyModel.Write(folder, "source", 64, config => config["my_own_key"] = "grüße <b>");
        foreach (string name in (string[])["tokenizer_config.json", "generation_config.json", "chat_template.jinja", "vocab.txt", "notes.md"])
            File.WriteAllText(Path.Combine(source, name), $"contents of {name}");
        string target = folder.File("target");
        ConvertReport report = Converter.Convert(source, target, new ConvertOptions { Type = DType.BF16 });
        JsonElement before = Config(source), after = Config(target);
        foreach (JsonProperty property in before.EnumerateObject())
            Assert.True(property.Name == "torch_dtype" || JsonElement.DeepEquals(property.Value, after.GetProperty(property.Name)), property.Name);
        Assert.Equal("bfloat16", after.GetProperty("torch_dtype").GetString());
        Assert.Equal(before.EnumerateObject().Count(), after.EnumerateObject().Count());
        Assert.Equal(
            ["chat_template.jinja", "config.json", "generation_config.json", "model.safetensors", "tokenizer_config.json", "vocab.txt"],
            Directory.EnumerateFiles(target).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal("contents of vocab.txt", File.ReadAllText(Path.Combine(target, "vocab.txt")));
        Assert.Equal(report.Bytes, Directory.EnumerateFiles(target).Sum(file => new FileInfo(file).Length));
        Assert.Equal(21, report.Types[DType.BF16]);
    }

    [Fact]
    public void Large_models_are_cut_into_shards()
    {
        string source = TinyModel.Write(folder, "source", 64), target = folder.File("target");
        Converter.Convert(source, target, new ConvertOptions { MaxShardBytes = 100_000 });
        Assert.True(File.Exists(Path.Combine(target, "model.safetensors.index.json")));
        Assert.InRange(Directory.GetFiles(target, "model-*.safetensors").Length, 3, 10);
        TensorBytes.AssertSame(source, target);
    }

    [Fact]
    public void A_configuration_made_from_gguf()
    {
        string source = TinyModel.Write(folder, "source", 64, config =>
        {
            config["bos_token_id"] = 1;
            config["eos_token_id"] = new System.Text.Json.Nodes.JsonArray(2, 3);
        });
        Converter.Convert(source, folder.File("x.gguf"), new ConvertOptions { Type = DType.F16 });
        Converter.Convert(folder.File("x.gguf"), folder.File("back"));
        string text = File.ReadAllText(Path.Combine(folder.File("back"), "config.json"));
        JsonElement config = Config(folder.File("back"));
        Assert.Equal("LlamaForCausalLM", config.GetProperty("architectures")[0].GetString());
        Assert.Equal("llama", config.GetProperty("model_type").GetString());
        Assert.Equal("float16", config.GetProperty("torch_dtype").GetString());
        Assert.Equal((1, 2), (config.GetProperty("bos_token_id").GetInt32(), config.GetProperty("eos_token_id").GetInt32()));
        Assert.False(config.GetProperty("tie_word_embeddings").GetBoolean());
        Assert.Contains("\"rope_theta\": 10000.0", text, StringComparison.Ordinal);
        Assert.Contains("\"rms_norm_eps\": 1E-05", text, StringComparison.Ordinal);
    }

    [FixtureFact]
    public void The_tokenizer_of_a_trained_model_goes_everywhere()
    {
        const string prompt = "Once upon a time, there was a little girl named Lily.";
        int[] expected = [1, 403, 407, 261, 378, 432, 383, 286, 261, 376, 298, 315];
        string gguf = folder.File("x.gguf"), back = folder.File("back"), other = folder.File("other.gguf");
        Converter.Convert(Fixtures.PathOf("real", "stories260K.bin"), gguf);
        Converter.Convert(gguf, back);
        Converter.Convert(Fixtures.PathOf("real", "stories260K-hf"), other, new ConvertOptions { Type = DType.Q8_0 });
        foreach (string path in (string[])[gguf, back, other])
            Assert.Equal(expected, Tokenizer.Load(path).Encode(prompt)[..expected.Length]);
        Assert.Equal(1, Config(back).GetProperty("bos_token_id").GetInt32());
    }

    [FixtureFact]
    public void A_tokenizer_that_is_given_is_taken()
    {
        string given = Fixtures.PathOf("real", "tok512.bin");
        string source = TinyModel.Write(folder, "source", 64, config => config["vocab_size"] = TinyModel.Vocabulary);
        string sentence = Assert.Throws<CaravanException>(() => Converter.Convert(source, folder.File("x.gguf"), new ConvertOptions { TokenizerPath = given })).Message;
        Assert.Contains("the tokenizer has 512 tokens and the model's embedding 64 rows", sentence, StringComparison.Ordinal);
        Converter.Convert(Fixtures.PathOf("real", "stories260K-hf"), folder.File("y"), new ConvertOptions { TokenizerPath = given });
        Assert.True(File.Exists(Path.Combine(folder.File("y"), "tokenizer.json")));
        Assert.False(File.Exists(Path.Combine(folder.File("y"), "tokenizer.model")));
    }

    [Fact]
    public void Vocabularies_are_filled_up_to_the_embedding()
    {
        GgufMetadata metadata = new();
        metadata.Set("tokenizer.ggml.tokens", new[] { "<unk>", "a" });
        metadata.Set("tokenizer.ggml.scores", new[] { 0f, -1f });
        metadata.Set("tokenizer.ggml.token_type", new[] { 2, 1 });
        GgufPadding.Fill(metadata, 4, "x");
        Assert.Equal(["<unk>", "a", "[PAD2]", "[PAD3]"], metadata.Strings("tokenizer.ggml.tokens")!);
        Assert.Equal([0f, -1f, -10000f, -10000f], metadata.Reals("tokenizer.ggml.scores")!);
        Assert.Equal([2L, 1, 5, 5], metadata.Integers("tokenizer.ggml.token_type")!);
    }

    [Fact]
    public void Heads_that_are_tied_twice_are_left_out()
    {
        string source = TinyModel.Write(folder, "source", 64, config => config["tie_word_embeddings"] = true);
        ConvertReport report = Converter.Convert(source, folder.File("x.gguf"));
        Assert.Contains(new ConvertOmission("tensor 'lm_head.weight'", "the head shares the embedding's matrix"), report.LeftOut);
        using Checkpoint checkpoint = CheckpointReader.Open(folder.File("x.gguf"));
        Assert.False(checkpoint.Tensors.ContainsKey("output.weight"));
    }

    private static JsonElement Config(string path) => JsonDocument.Parse(File.ReadAllText(Path.Combine(path, "config.json"))).RootElement;
}
