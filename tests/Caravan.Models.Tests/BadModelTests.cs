using System.Text.Json.Nodes;
using Caravan.Formats;
using Caravan.Testing;

namespace Caravan.Models.Tests;

/// <summary>Each way in which a model can be wrong, with the sentence it gets.</summary>
public sealed class BadModelTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [FixtureFact]
    public void MissingTensor()
    {
        WriteModel(tensors => tensors.RemoveAll(tensor => tensor.Name == "model.layers.1.self_attn.k_proj.weight"));
        Assert.Equal(
            $"'{folder.Path}' has no tensor 'model.layers.1.self_attn.k_proj.weight', which a llama model needs; the nearest names are " +
            "'model.layers.0.self_attn.k_proj.weight', 'model.layers.1.self_attn.o_proj.weight', 'model.layers.1.self_attn.q_proj.weight'.",
            Failure());
    }

    [FixtureFact]
    public void WrongShape()
    {
        WriteModel(config: config => config["intermediate_size"] = 64);
        Assert.Equal(
            $"'{folder.Path}': tensor 'model.layers.0.mlp.gate_proj.weight' has the shape [56, 48], but the configuration asks for [64, 48].", Failure());
    }

    [FixtureFact]
    public void MissingKey()
    {
        WriteModel(config: config => config.Remove("num_hidden_layers"));
        Assert.Equal(
            $"'{folder.Path}' has no configuration key 'num_hidden_layers', which this architecture needs.",
            Failure());
    }

    [FixtureFact]
    public void KeyOfAWrongType()
    {
        WriteModel(config: config => config["hidden_size"] = "large");
        Assert.Equal($"'{folder.Path}' sets 'hidden_size' to large; a whole number of at most 31 bits was expected.", Failure());
    }

    [FixtureFact]
    public void UnknownArchitecture()
    {
        WriteModel(config: config => config["model_type"] = "lllama");
        int known = FamilyCatalog.All.SelectMany(family => family.ModelTypes).Distinct().Count();
        Assert.Equal(
            $"'{folder.Path}' is of the architecture 'lllama', which is none of the {known} that Caravan knows (docs/families.md). Did you mean 'llama' or 'llava'?", Failure());
    }

    [FixtureFact]
    public void UnknownRotaryScaling()
    {
        WriteModel(config: config => config["rope_scaling"] = new JsonObject { ["type"] = "yarm", ["factor"] = 2.0 });
        Assert.Equal(
            $"'{folder.Path}' sets 'rope_scaling.rope_type' to 'yarm', which is not supported; known are default, linear, dynamic, llama3, yarn, longrope, su. Did you mean 'yarn'?",
            Failure());
    }

    [FixtureFact]
    public void HeadsThatDoNotShareEvenly()
    {
        WriteModel(config: config => config["num_key_value_heads"] = 4);
        Assert.Equal($"'{folder.Path}' has 6 heads that cannot share 4 key-value heads evenly.", Failure());
    }

    [FixtureTheory]
    [InlineData("hidden_size", 0, "sets 'hidden_size' to 0; a number from 1 to 16777216 was expected.")]
    [InlineData("num_hidden_layers", -1, "sets 'num_hidden_layers' to -1; a number from 1 to 100000 was expected.")]
    [InlineData("num_hidden_layers", 2_000_000_000, "sets 'num_hidden_layers' to 2000000000; a number from 1 to 100000 was expected.")]
    [InlineData("vocab_size", 2_000_000_000, "sets 'vocab_size' to 2000000000; a number from 1 to 16777216 was expected.")]
    [InlineData("num_attention_heads", 0, "sets 'num_attention_heads' to 0; a number from 1 to 16777216 was expected.")]
    [InlineData("num_key_value_heads", 0, "sets 'num_key_value_heads' to 0; a number from 1 to 16777216 was expected.")]
    [InlineData("head_dim", 7, ": rotary embeddings turn pairs, but 7 features of heads of 7 are to be turned.")]
    public void NumbersOutOfRange(string key, int value, string expected)
    {
        WriteModel(config: config => config[key] = value);
        Assert.EndsWith(expected, Failure());
    }

    [FixtureFact]
    public void WithoutADescription()
    {
        File.Copy(Fixtures.PathOf("models", "llama-gqa", "model.safetensors"), folder.File("alone.safetensors"));
        Assert.Equal(
            $"'{folder.File("alone.safetensors")}' came without a config.json, so it cannot be told how it computes; put the model's config.json beside it.",
            Failure(folder.File("alone.safetensors")));
    }

    [FixtureFact]
    public void StrictLoadingRefusesWhatNobodyReads()
    {
        WriteModel(tensors => tensors.Add(tensors[0] with { Name = "extra.weight" }), config => config["strange_key"] = 1);
        using Model lenient = Model.Load(folder.Path);
        Assert.Equal(["configuration key 'strange_key'", "tensor 'extra.weight'"], lenient.Unread);
        Assert.Equal(
            $"'{folder.Path}' holds what the family llama does not use: configuration key 'strange_key', tensor 'extra.weight'; load it without strict checking to ignore that.",
            Assert.Throws<CaravanException>(() => Model.Load(folder.Path, new ModelOptions { Strict = true })).Message);
    }

    private string Failure(string? path = null) => Assert.Throws<CaravanException>(() => Model.Load(path ?? folder.Path).Dispose()).Message;

    /// <summary>A copy of a fixture with something changed.</summary>
    private void WriteModel(Action<List<TensorSource>>? tensors = null, Action<JsonObject>? config = null)
    {
        string source = Fixtures.PathOf("models", "llama-gqa");
        using Checkpoint checkpoint = CheckpointReader.Open(source);
        List<TensorSource> list = [.. checkpoint.Tensors.Values.Select(TensorSource.From)];
        tensors?.Invoke(list);
        SafetensorsWriter.Write(folder.File("model.safetensors"), list);
        JsonObject json = JsonNode.Parse(File.ReadAllText(Path.Combine(source, "config.json")))!.AsObject();
        config?.Invoke(json);
        File.WriteAllText(folder.File("config.json"), json.ToJsonString());
    }
}
