using Caravan.Kernels;

namespace Caravan.Models;

/// <summary>
/// Qwen 1.5 MoE and Qwen 2 57B: Qwen 2 with experts, and one that every token passes, weighed by a sigmoid of its own.
/// <code>
/// tokens → embedding → [ + attention(norm x) → + Σ weight · expert(norm x) + σ(gate) · shared(norm x) ] × n → norm → head
/// </code>
/// </summary>
internal sealed class Qwen2Moe : ExpertsKin
{
    private const string SharedKey = "shared_expert_intermediate_size", StepKey = "decoder_sparse_step", DenseKey = "mlp_only_layers";

    /// <inheritdoc/>
    public override string Name => "qwen2_moe";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["qwen2_moe"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> GgufArchitectures => ["qwen2moe"];

    /// <inheritdoc/>
    public override string Paper => "Qwen Team 2024, \"Qwen1.5-MoE: Matching 7B Model Performance with 1/3 Activated Parameters\"";

    /// <inheritdoc/>
    public override string HuggingFaceClass => "Qwen2MoeForCausalLM";

    /// <inheritdoc/>
    public override RotaryLayout GgufRotary => RotaryLayout.HalfSplit;

    /// <summary>The width of blocks without experts counts only where there are some.</summary>
    public override IReadOnlyList<string> KeysWithoutInfluence => [.. base.KeysWithoutInfluence, "intermediate_size"];

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> AttributeMap { get; } = new Dictionary<string, string> { [ExpertsKey] = "num_experts" };

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        .. DenseWeights,
        new("layers.{n}.feed_forward.router.weight", "model.layers.{n}.mlp.gate.weight", "blk.{n}.ffn_gate_inp.weight"),
        .. ExpertRows("model.layers.{n}.mlp.experts"),
        new("layers.{n}.feed_forward.shared_router.weight", "model.layers.{n}.mlp.shared_expert_gate.weight", "blk.{n}.ffn_gate_inp_shexp.weight"),
        .. SharedRows("model.layers.{n}.mlp.shared_expert"),
    ];

    /// <inheritdoc/>
    protected override ExpertsSpec Experts(ConfigReader config) => new()
    {
        Count = config.Size(ExpertsKey, absent: 60, most: 4096),
        PerToken = config.Size(PerTokenKey, absent: 4, most: 4096),
        Renormalised = config.Flag("norm_topk_prob", absent: false),
        IntermediateSize = config.Size(WidthKey, absent: 1408),
        Activation = ActivationReader.Read(config, "hidden_act", absent: "silu"),
        SharedSize = config.Size(SharedKey, absent: 5632),
        SharedGate = true,
    };

    /// <inheritdoc/>
    protected override Func<int, bool> LayersWithExperts(ConfigReader config)
    {
        int step = config.Size(StepKey, absent: 1);
        IReadOnlyList<int> dense = config.Integers(DenseKey) ?? [];
        return layer => (layer + 1) % step == 0 && !dense.Contains(layer);
    }

    /// <inheritdoc/>
    protected override IEnumerable<LayerSpec> Layers(ConfigReader config, int count) => QwenWindows.Apply(config, base.Layers(config, count));

    /// <inheritdoc/>
    public override void Describe(DecoderSpec spec, ConfigWriter config)
    {
        base.Describe(spec, config);
        QwenWindows.Describe(spec, config);
        int[] dense = [.. Enumerable.Range(0, spec.Layers.Length).Where(layer => spec.Layers[layer].ChannelMixer is not ExpertsSpec)];
        if (!config.IsGguf) config.Set(DenseKey, dense);
    }

    /// <inheritdoc/>
    protected override void Describe(ExpertsSpec experts, ConfigWriter config)
    {
        base.Describe(experts, config);
        config.Set(SharedKey, experts.SharedSize);
    }
}
