using Caravan.Kernels;
using Caravan.Testing;

namespace Caravan.Weights.Tests;

/// <summary>
/// Every choice of every mix against llama.cpp's. <c>llama-quantize-choices.txt</c> was read off the log of <c>llama_model_quantize</c> (dry run) in
/// libllama 0.5.0, as node-llama-cpp ships it, on models of random weights; 2026-11-21. Each line is a mix and a model; each role has a letter for
/// every layer, or one for all.
/// </summary>
public sealed class MixTests
{
    private static readonly Dictionary<char, DType> Letters = new()
    {
        ['2'] = DType.Q2_K, ['3'] = DType.Q3_K, ['4'] = DType.Q4_K, ['5'] = DType.Q5_K, ['6'] = DType.Q6_K, ['8'] = DType.Q8_0,
        ['a'] = DType.Q4_0, ['b'] = DType.Q4_1, ['c'] = DType.Q5_0, ['d'] = DType.Q5_1, ['x'] = DType.IQ4_XS, ['n'] = DType.IQ4_NL,
    };

    private static readonly Dictionary<string, string> Names = new()
    {
        ["embedding"] = "embedding.weight", ["head"] = "head.weight", ["query"] = "layers.{n}.attention.query.weight",
        ["key"] = "layers.{n}.attention.key.weight", ["value"] = "layers.{n}.attention.value.weight",
        ["output"] = "layers.{n}.attention.output.weight", ["gate"] = "layers.{n}.feed_forward.gate.weight",
        ["up"] = "layers.{n}.feed_forward.up.weight", ["down"] = "layers.{n}.feed_forward.down.weight",
    };

    public static TheoryData<string> Lines => [.. File.ReadAllLines(Choices)];

    private static string Choices => Path.Combine(Fixtures.Repository, "tests", "Caravan.Weights.Tests", "Quantizing", "llama-quantize-choices.txt");

    [Theory]
    [MemberData(nameof(Lines))]
    public void Chooses_as_llama_quantize(string line)
    {
        string[] words = line.Split(' ');
        Dictionary<string, string> facts = words[1..].Select(word => word.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);
        QuantizationMix mix = QuantizationMix.Parse(words[0]);
        int layers = int.Parse(facts["layers"]);
        MixModel model = new(layers, int.Parse(facts["heads"]) / int.Parse(facts["keys"]), facts["tied"] == "1", facts["importance"] == "1",
            facts.TryGetValue("experts", out string? experts) ? int.Parse(experts) : 0);
        foreach ((string role, string canonical) in Names)
        {
            if (facts[role] == "-") continue;
            string name = model.Experts == 0 ? canonical : canonical.Replace(".feed_forward.", ".feed_forward.experts.5.", StringComparison.Ordinal);
            int count = canonical.Contains("{n}", StringComparison.Ordinal) ? layers : 1;
            string expected = facts[role].Length == 1 ? new string(facts[role][0], count) : facts[role];
            Assert.Equal(count, expected.Length);
            for (int i = 0; i < count; i++)
            {
                (TensorRole kind, int layer) = model.RoleOf(name.Replace("{n}", $"{i}", StringComparison.Ordinal));
                Assert.True(Letters[expected[i]] == mix.TypeOf(kind, layer, model), $"{role} {i} is {mix.TypeOf(kind, layer, model)} instead of {Letters[expected[i]]}");
            }
        }
    }

    [Fact]
    public void Lines_cover_every_mix() => Assert.Equal(
        QuantizationMix.All.Select(mix => mix.Name).Order(), File.ReadLines(Choices).Select(line => line.Split(' ')[0]).Distinct().Order());

    [Fact]
    public void Names_are_found_in_capitals_and_without_the_suffix_of_the_medium_mix()
    {
        Assert.Equal("q4_k_m", QuantizationMix.Parse("Q4_K_M").Name);
        Assert.Equal("q3_k_m", QuantizationMix.Parse("q3_k").Name);
        Assert.Equal("q6_k", QuantizationMix.Parse("q6_k").Name);
        Assert.All(QuantizationMix.All, mix => Assert.Same(mix, QuantizationMix.Parse(mix.Name)));
        string sentence = Assert.Throws<CaravanException>(() => QuantizationMix.Parse("q8_o")).Message;
        Assert.Contains("'q8_o' is no mix", sentence, StringComparison.Ordinal);
        Assert.Contains("Did you mean 'q8_0'", sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pure_mix_has_one_type()
    {
        QuantizationMix pure = QuantizationMix.Parse("q4_k_m").Pure();
        Assert.Equal(DType.Q4_K, pure.TypeOf(TensorRole.Head, 0, new MixModel(22, 8)));
        Assert.Equal(15u, pure.FileType);
    }
}
