using System.Text.Json;

namespace Caravan.Models;

/// <summary>
/// LLaMA-MoE: LLaMA 2 whose feed-forward blocks were cut into experts, chosen by a router of two layers and trained on. The noise of the router is of
/// training alone. Checked against the published modelling code; there is no reference output here.
/// <code>
/// tokens → embedding → [ + attention(norm x) → + s · Σ weight · expert(norm x) ] × n → norm → head
/// </code>
/// </summary>
internal sealed class LlamaMoe : ExpertsKin
{
    private const string SizesKey = "size_experts", ScaleKey = "score_scale_factor", RouterKey = "gate_network", Mlp = "model.layers.{n}.mlp.";

    /// <inheritdoc/>
    public override string Name => "llama_moe";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["llama_moe"];

    /// <summary>llama.cpp has none for it.</summary>
    public override IReadOnlyList<string> GgufArchitectures => [];

    /// <inheritdoc/>
    public override string Paper => "Zhu et al. 2024, \"LLaMA-MoE: Building Mixture-of-Experts from LLaMA with Continual Pre-training\"";

    /// <inheritdoc/>
    public override string HuggingFaceClass => "LlamaMoEForCausalLM";

    /// <summary>Of training, and of calculators that are not the usual one; the width of all experts together, where theirs are given.</summary>
    public override IReadOnlyList<string> KeysWithoutInfluence =>
    [
        .. base.KeysWithoutInfluence, "gate_use_balance", "gate_balance_loss_weight", "gate_add_noise", "gate_noise_epsilon", "drop_tokens", "dropped_padding",
        "capacity_factor", "intermediate_size",
    ];

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> AttributeMap { get; } = new Dictionary<string, string>
    {
        [ExpertsKey] = "num_experts",
        [PerTokenKey] = "num_selects",
    };

    /// <summary>The router is one matrix, or two with a tanh between.</summary>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        .. DenseWeights.Where(row => !row.Name.Contains(".feed_forward.", StringComparison.Ordinal)),
        new("layers.{n}.feed_forward.router.inner.weight", Mlp + "gate.gate_network.0.weight"),
        new("layers.{n}.feed_forward.router.weight", Mlp + "gate.gate_network.2.weight"),
        new("layers.{n}.feed_forward.router.weight", Mlp + "gate.gate_network.weight"),
        .. ((string[])["gate", "up", "down"]).Select(part => new WeightRow(
            $"layers.{{n}}.feed_forward.experts.{{e}}.{part}.weight", $"{Mlp}calculator.experts.weight_{part}.{{e}}")),
    ];

    /// <inheritdoc/>
    protected override string WidthKey => "intermediate_size";

    /// <summary>How loud the router's noise was in training.</summary>
    public override bool IsBuffer(string name) => base.IsBuffer(name) || name.EndsWith("gate.weight_noise.weight", StringComparison.Ordinal);

    /// <inheritdoc/>
    protected override ExpertsSpec Experts(ConfigReader config)
    {
        foreach ((string key, string known) in ((string, string)[])[("gate_type", "TopKBalancedNoisyGate"), ("calculator_type", "UniversalCalculator")])
            if (config.Text(key, absent: known) is var value && value != known) throw config.Unsupported(key, value, known);
        foreach ((string key, bool known) in ((string, bool)[])[("gate_use_softmax", true), ("multiply_gate_scores", true), ("add_weight_norm", false)])
            if (config.Flag(key, absent: known) != known) throw config.Unsupported(key, known ? "false" : "true", known ? "true" : "false");
        string router = config.Text(RouterKey, absent: "mlp");
        int count = config.Size(ExpertsKey, absent: 16, most: 4096);
        return new ExpertsSpec
        {
            Count = count,
            PerToken = config.Size(PerTokenKey, absent: 4, most: 4096),
            Renormalised = true,
            IntermediateSize = Width(config, count),
            Activation = ActivationReader.Read(config, "hidden_act", absent: "silu"),
            DeepRouter = router switch { "mlp" => true, "linear" => false, _ => throw config.Unsupported(RouterKey, router, "mlp", "linear") },
        };
    }

    /// <summary>Each layer may have a factor of its own.</summary>
    protected override IEnumerable<LayerSpec> Layers(ConfigReader config, int count)
    {
        LayerSpec layer = Layer(config);
        IReadOnlyList<double> scales = config.IsList(ScaleKey) ? config.Reals(ScaleKey)! : [config.Real(ScaleKey, absent: 1)];
        if (scales.Count != 1 && scales.Count != count) throw config.Unsupported(ScaleKey, $"{scales.Count} numbers", "one number", $"{count} numbers");
        return Enumerable.Range(0, count).Select(number =>
            layer with { ChannelMixer = (ExpertsSpec)layer.ChannelMixer with { Scale = (float)scales[scales.Count == 1 ? 0 : number] } });
    }

    /// <inheritdoc/>
    protected override Func<int, bool> LayersWithExperts(ConfigReader config) => _ => true;

    /// <inheritdoc/>
    protected override void Describe(ExpertsSpec experts, ConfigWriter config)
    {
        config.Set(ExpertsKey, experts.Count);
        config.Set(PerTokenKey, experts.PerToken);
        config.Set(WidthKey, experts.IntermediateSize * experts.Count);
        config.Set("hidden_act", ActivationReader.NameOf(experts.Activation));
        config.Set(RouterKey, experts.DeepRouter ? "mlp" : "linear");
        config.Set(ScaleKey, (double)experts.Scale);
    }

    /// <summary>The widths of the experts, layer by layer, which must be the same; null for equal parts of LLaMA's.</summary>
    private static int Width(ConfigReader config, int count)
    {
        if (!config.Has(SizesKey)) return config.Size("intermediate_size") / count;
        int[] sizes;
        try
        {
            sizes = [.. JsonSerializer.Deserialize<int[][]>(config.Text(SizesKey))!.SelectMany(layer => layer).Distinct()];
        }
        catch (JsonException)
        {
            throw config.Unsupported(SizesKey, config.Text(SizesKey), "null", "a list of widths for each layer");
        }

        return sizes.Length == 1 ? sizes[0] : throw config.Unsupported(SizesKey, $"{sizes.Length} different widths", "null", "one width for all experts");
    }
}
