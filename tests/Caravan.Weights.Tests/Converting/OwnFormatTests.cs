using System.Text.Json.Nodes;
using Caravan.Formats;
using Caravan.Kernels;
using Caravan.Testing;

namespace Caravan.Weights.Tests;

/// <summary>What GGUF has no architecture for is written as the format that it came in, every tensor as it was.</summary>
public sealed class OwnFormatTests : IDisposable
{
    private const int Hidden = 32, Width = 64, Heads = 4, Experts = 3, Vocabulary = 40;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>In a stack of transposed matrices both gates lie beside each other.</summary>
    [Fact]
    public void StacksOfWhichEachMatrixHoldsTwoWeights() => AssertKept(
        "llama",
        config => (config["num_experts"], config["router_topk"], config["moe_layer_interval"], config["hidden_act"], config["head_dim"]) = (Experts, 2, 1, "swiglu", Hidden / Heads),
        [
            .. Projections(), ("mlp.gate_weight", [Experts, Hidden]), ("mlp.experts.wi_gate", [Experts, Hidden, 2 * Width]), ("mlp.experts.wi_up", [Experts, Hidden, Width]),
            ("mlp.experts.wo", [Experts, Width, Hidden]), ("pre_extra_mlp_layernorm.weight", [Hidden]), ("extra_mlp.gate_proj.weight", [2 * Width, Hidden]),
            ("extra_mlp.up_proj.weight", [Width, Hidden]), ("extra_mlp.down_proj.weight", [Hidden, Width]),
        ]);

    [Fact]
    public void KernelsOfConvolutionsWithFourDimensions() => AssertKept(
        "yuan", _ => { },
        [
            .. Projections(), ("self_attn.lf_gate.conv1.weight", [Hidden / 2, Hidden, 2, 1]), ("self_attn.lf_gate.conv1.bias", [Hidden / 2]),
            ("self_attn.lf_gate.conv2.weight", [Hidden, Hidden / 2, 2, 1]), ("self_attn.lf_gate.conv2.bias", [Hidden]), ("self_attn.lf_gate.output_layernorm.weight", [Hidden]),
            ("mlp.gate_proj.weight", [Width, Hidden]), ("mlp.up_proj.weight", [Width, Hidden]), ("mlp.down_proj.weight", [Hidden, Width]),
        ]);

    [Fact]
    public void ExpertsWithNamesThatEndInNumbers() => AssertKept(
        "llama_moe", config => (config["num_experts"], config["num_selects"], config["intermediate_size"]) = (Experts, 2, Experts * Width),
        [
            .. Projections(), ("mlp.gate.gate_network.0.weight", [Experts, Hidden]), ("mlp.gate.gate_network.2.weight", [Experts, Experts]),
            .. Enumerable.Range(0, Experts).SelectMany(e => ((string, long[])[])
            [
                ($"mlp.calculator.experts.weight_gate.{e}", [Width, Hidden]), ($"mlp.calculator.experts.weight_up.{e}", [Width, Hidden]),
                ($"mlp.calculator.experts.weight_down.{e}", [Hidden, Width]),
            ]),
        ]);

    private static (string Name, long[] Shape)[] Projections() =>
    [
        ("input_layernorm.weight", [Hidden]), ("post_attention_layernorm.weight", [Hidden]),
        .. ((string[])["q", "k", "v", "o"]).Select(part => ($"self_attn.{part}_proj.weight", (long[])[Hidden, Hidden])),
    ];

    private void AssertKept(string type, Action<JsonObject> change, (string Name, long[] Shape)[] ofLayer)
    {
        string source = folder.File("source"), target = folder.File("target"), half = folder.File("half");
        Directory.CreateDirectory(source);
        JsonObject config = new()
        {
            ["model_type"] = type, ["vocab_size"] = Vocabulary, ["hidden_size"] = Hidden, ["intermediate_size"] = Width, ["num_hidden_layers"] = 2,
            ["num_attention_heads"] = Heads, ["max_position_embeddings"] = 64, ["rms_norm_eps"] = 1e-6, ["tie_word_embeddings"] = false,
        };
        change(config);
        File.WriteAllText(Path.Combine(source, "config.json"), config.ToJsonString());
        Random random = new(3);
        SafetensorsWriter.WriteFolder(source,
        [
            Tensor("model.embed_tokens.weight", [Vocabulary, Hidden]),
            .. Enumerable.Range(0, 2).SelectMany(n => ofLayer.Select(tensor => Tensor($"model.layers.{n}.{tensor.Name}", tensor.Shape))),
            Tensor("model.norm.weight", [Hidden]),
            Tensor("lm_head.weight", [Vocabulary, Hidden]),
        ]);
        Converter.Convert(source, target);
        TensorBytes.AssertSame(source, target);
        Converter.Convert(source, half, new ConvertOptions { Type = DType.F16 });
        Dictionary<string, (DType Type, string Shape, byte[] Bytes)> halves = TensorBytes.Of(half);
        foreach ((string name, (_, string shape, _)) in TensorBytes.Of(source))
        {
            Assert.Equal(shape, halves[name].Shape);
            Assert.Equal(TensorBytes.Values(source, name).Select(value => halves[name].Type == DType.F16 ? (float)(Half)value : value), TensorBytes.Values(half, name));
        }

        Assert.Contains("GGUF has no architecture", Assert.Throws<CaravanException>(() => Converter.Convert(source, folder.File("x.gguf"))).Message, StringComparison.Ordinal);

        TensorSource Tensor(string name, long[] shape)
        {
            float[] values = [.. Enumerable.Range(0, (int)shape.Aggregate(1L, (product, dimension) => product * dimension)).Select(_ => random.NextSingle() - 0.5f)];
            byte[] bytes = new byte[values.Length * sizeof(float)];
            Buffer.BlockCopy(values, 0, bytes, 0, bytes.Length);
            return new TensorSource(name, DType.F32, [.. shape], stream => stream.Write(bytes));
        }
    }
}
