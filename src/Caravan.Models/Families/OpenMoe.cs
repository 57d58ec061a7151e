namespace Caravan.Models;

/// <summary>
/// OpenMoE: experts in every so many layers, each followed by a block that all tokens pass, products of three projections, and scores that are not
/// scaled. Most published checkpoints call themselves LLaMA. Checked against the published modelling code; there is no reference output here. That code
/// leaves experts out for tokens of a long batch that come when an expert is full; here every token passes the experts it chose.
/// <code>
/// tokens → embedding → [ + attention(norm x) → + Σ weight · expert(norm x) → + down(linear · silu(gate) · up)(norm x) ] × n → norm → head
/// </code>
/// </summary>
internal sealed class OpenMoe : ExpertsKin
{
    /// <summary>How many layers from one with experts to the next; no other configuration of LLaMA's name has it.</summary>
    internal const string IntervalKey = "moe_layer_interval";

    private const string Mlp = "model.layers.{n}.mlp.", Activation = "swiglu", GatedKey = "mlp_gated";

    /// <inheritdoc/>
    public override string Name => "openmoe";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["openmoe", "llama"];

    /// <summary>llama.cpp has none for it.</summary>
    public override IReadOnlyList<string> GgufArchitectures => [];

    /// <inheritdoc/>
    public override string Paper => "Xue et al. 2024, \"OpenMoE: An Early Effort on Open Mixture-of-Experts Language Models\"";

    /// <inheritdoc/>
    public override string HuggingFaceClass => "OpenMoeForCausalLM";

    /// <summary>Of training and of how the work is shared out; the base of the rotation is fixed.</summary>
    public override IReadOnlyList<string> KeysWithoutInfluence =>
    [
        .. base.KeysWithoutInfluence, "dropout_rate", "enable_comm_overlap", "enable_hierarchical_alltoall", "enable_kernel", "enable_load_balance", "expert_parallel",
        "label_smoothing", "layer_norm_epsilon", "load_balance_beam_width", "load_balance_group_swap_factor", "load_balance_tolerance", "router_aux_loss_factor",
        "router_capacity_factor_eval", "router_capacity_factor_train", "router_drop_tks", "router_min_capacity", "router_noisy_policy", "router_z_loss_factor",
        "z_loss_factor", "rope_theta", "rope_scaling",
    ];

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> AttributeMap { get; } = new Dictionary<string, string>
    {
        [ExpertsKey] = "num_experts",
        [PerTokenKey] = "router_topk",
    };

    /// <summary>Experts one by one, as the port to transformers has them, or stacks of transposed matrices, as ColossalAI's checkpoints do.</summary>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        .. DenseWeights.Where(row => !row.Name.Contains(".feed_forward.gate.", StringComparison.Ordinal)),
        .. Gates("layers.{n}.feed_forward", Mlp + "gate_proj.weight"),
        new("layers.{n}.extra_norm.weight", "model.layers.{n}.pre_extra_mlp_layernorm.weight"),
        .. Gates("layers.{n}.extra", "model.layers.{n}.extra_mlp.gate_proj.weight"),
        new("layers.{n}.extra.up.weight", "model.layers.{n}.extra_mlp.up_proj.weight"),
        new("layers.{n}.extra.down.weight", "model.layers.{n}.extra_mlp.down_proj.weight"),
        new("layers.{n}.feed_forward.router.weight", Mlp + "gate_weight"),
        new("layers.{n}.feed_forward.router.weight", Mlp + "gate.weight"),
        .. Gates("layers.{n}.feed_forward.experts.{e}", Mlp + "experts.{e}.gate_proj.weight"),
        .. Gates("layers.{n}.feed_forward.experts.{e}", new StoredWeight(Mlp + "experts.wi_gate") { Transposed = true, Stacked = true }),
        new("layers.{n}.feed_forward.experts.{e}.up.weight", Mlp + "experts.{e}.up_proj.weight"),
        new("layers.{n}.feed_forward.experts.{e}.up.weight", new StoredWeight(Mlp + "experts.wi_up") { Transposed = true }),
        new("layers.{n}.feed_forward.experts.{e}.down.weight", Mlp + "experts.{e}.down_proj.weight"),
        new("layers.{n}.feed_forward.experts.{e}.down.weight", new StoredWeight(Mlp + "experts.wo") { Transposed = true }),
    ];

    /// <inheritdoc/>
    protected override string WidthKey => "intermediate_size";

    /// <inheritdoc/>
    public override bool Recognises(IConfigSource config) => config.Find("model_type") is not "llama" || config.Find(IntervalKey) is not null;

    /// <inheritdoc/>
    protected override AttentionSpec Attention(ConfigReader config) => base.Attention(config) with { Scale = 1 };

    /// <inheritdoc/>
    protected override RotarySpec Rotary(ConfigReader config, int headSize) => new() { Dimensions = headSize, Layout = RotaryLayoutOf(config) };

    /// <inheritdoc/>
    protected override LayerSpec Layer(ConfigReader config) => base.Layer(config) with { Extra = (GatedMlpSpec)ChannelMixer(config) };

    /// <summary>Layers without experts have nothing behind them.</summary>
    protected override IEnumerable<LayerSpec> Layers(ConfigReader config, int count) =>
        base.Layers(config, count).Select(layer => layer.ChannelMixer is ExpertsSpec ? layer : layer with { Extra = null });

    /// <inheritdoc/>
    protected override ChannelMixerSpec ChannelMixer(ConfigReader config)
    {
        if (config.Text("hidden_act", absent: "silu") is not Activation and var other) throw config.Unsupported("hidden_act", other, Activation);
        if (!config.Flag(GatedKey, absent: true)) throw config.Unsupported(GatedKey, "false", "true");
        return new GatedMlpSpec { IntermediateSize = IntermediateSize(config), LinearGate = true };
    }

    /// <inheritdoc/>
    protected override ExpertsSpec Experts(ConfigReader config) => new()
    {
        Count = config.Size(ExpertsKey, absent: 32, most: 4096),
        PerToken = config.Size(PerTokenKey, absent: 2, most: 4096),
        Renormalised = false,
        IntermediateSize = IntermediateSize(config),
        LinearGate = true,
    };

    /// <inheritdoc/>
    protected override Func<int, bool> LayersWithExperts(ConfigReader config)
    {
        int interval = config.Size(IntervalKey, absent: 6);
        return layer => (layer + 1) % interval == 0;
    }

    /// <inheritdoc/>
    public override void Describe(DecoderSpec spec, ConfigWriter config)
    {
        base.Describe(spec, config);
        int first = Array.FindIndex([.. spec.Layers], layer => layer.ChannelMixer is ExpertsSpec);
        config.Set(IntervalKey, first < 0 ? spec.Layers.Length + 1 : first + 1);
        config.Set("hidden_act", Activation);
    }

    /// <inheritdoc/>
    protected override void Describe(ExpertsSpec experts, ConfigWriter config)
    {
        config.Set(ExpertsKey, experts.Count);
        config.Set(PerTokenKey, experts.PerToken);
        config.Set(WidthKey, experts.IntermediateSize);
    }

    /// <summary>The linear gate above the activated one.</summary>
    private static IEnumerable<WeightRow> Gates(string name, StoredWeight stored) =>
    [
        new($"{name}.linear.weight", stored with { Rows = FusedRows.GateUp(stored.Name, 0).Rows }),
        new($"{name}.gate.weight", stored with { Rows = FusedRows.GateUp(stored.Name, 1).Rows }),
    ];
}
