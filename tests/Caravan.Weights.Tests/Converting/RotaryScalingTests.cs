using System.Text.Json;
using System.Text.Json.Nodes;
using Caravan.Formats;
using Caravan.Models;
using Caravan.Testing;

namespace Caravan.Weights.Tests;

/// <summary>Rotary scalings in both formats.</summary>
public sealed class RotaryScalingTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>
    /// Llama 3.1's parameters on heads of 16 to 128 features and other bases, where from none to many waves are blended. Divisors are floats, so
    /// an angle at position 23 may be off by 23 · 2^-24 of itself, and logits by a few times that.
    /// </summary>
    [Theory]
    [InlineData(64, 10000, 8, 1, 4, 8192)]
    [InlineData(512, 500000, 8, 1, 4, 8192)]
    [InlineData(512, 500000, 32, 1, 4, 8192)]
    [InlineData(128, 10000, 4, 1, 4, 32)]
    [InlineData(64, 10000, 2.5, 1.5, 3.5, 100)]
    [InlineData(64, 10000, 8, 1, 2, 16)]
    public void Llama3_becomes_divisors_and_is_found_again(int hidden, double rotaryBase, double factor, double low, double high, int trained)
    {
        string source = TinyModel.Write(folder, "source", hidden, config =>
        {
            config["rope_theta"] = rotaryBase;
            config["rope_scaling"] = new JsonObject
            {
                ["rope_type"] = "llama3", ["factor"] = factor, ["low_freq_factor"] = low, ["high_freq_factor"] = high,
                ["original_max_position_embeddings"] = trained,
            };
        });
        string gguf = folder.File("x.gguf"), again = folder.File("y.gguf"), back = folder.File("back");
        Assert.Empty(Converter.Convert(source, gguf).LeftOut);
        using (Checkpoint checkpoint = CheckpointReader.Open(gguf))
        {
            Assert.Equal(hidden / TinyModel.Heads / 2, Assert.Single(checkpoint.Tensors["rope_freqs.weight"].Shape));
            Assert.False(checkpoint.Metadata!.Contains("llama.rope.scaling.type"));
        }

        ModelRun.AssertSameLogits(source, gguf, ModelRun.Rounding(source));
        Converter.Convert(gguf, again);
        Assert.Equal(ModelRun.Logits(gguf), ModelRun.Logits(again));
        Converter.Convert(gguf, back);
        ModelRun.AssertSameLogits(source, back, ModelRun.Rounding(source));
    }

    [Fact]
    public void Llama_31_gets_its_own_parameters_back()
    {
        RotarySpec rotary = new() { Dimensions = 128, Base = 500_000, Scaling = new Llama3Scaling(8, 1, 4, 8192) };
        Assert.Equal(rotary.Scaling, RotaryDivisors.Named(rotary, RotaryDivisors.Of(rotary)!));
        Assert.Equal(new LinearScaling(3), RotaryDivisors.Named(rotary, Enumerable.Repeat(3f, 64).ToArray()));
        Assert.Null(RotaryDivisors.Named(rotary, [.. Enumerable.Range(0, 64).Select(i => 1f + (i % 3))]));
    }

    [Theory]
    [InlineData("""{ "rope_type": "linear", "factor": 2.5 }""")]
    [InlineData("""{ "rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16 }""")]
    [InlineData("""{ "rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16, "attention_factor": 1.25, "beta_fast": 16.0, "beta_slow": 2.0 }""")]
    public void Keys_go_both_ways(string scaling)
    {
        string source = TinyModel.Write(folder, "source", 64, config => config["rope_scaling"] = JsonNode.Parse(scaling));
        string gguf = folder.File("x.gguf"), back = folder.File("back");
        Converter.Convert(source, gguf);
        ModelRun.AssertSameLogits(source, gguf, ModelRun.Rounding(source));
        Converter.Convert(gguf, back);
        ModelRun.AssertSameLogits(source, back, ModelRun.Rounding(source));
        JsonElement written = JsonDocument.Parse(File.ReadAllText(Path.Combine(back, "config.json"))).RootElement.GetProperty("rope_scaling");
        foreach (JsonProperty property in JsonDocument.Parse(scaling).RootElement.EnumerateObject())
            Assert.Equal(property.Value.GetRawText(), written.GetProperty(property.Name).GetRawText());
    }

    [Fact]
    public void A_yarn_whose_ramp_is_not_rounded_has_no_words_in_gguf()
    {
        string source = TinyModel.Write(folder, "source", 64, config => config["rope_scaling"] =
            JsonNode.Parse("""{ "rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16, "truncate": false }"""));
        Assert.Contains("YarnScaling", Assert.Throws<CaravanException>(() => Converter.Convert(source, folder.File("x.gguf"))).Message, StringComparison.Ordinal);
    }
}
