namespace Caravan.Models;

/// <summary>
/// DeepSeekMoE: LLaMA with many small experts, some that every token passes, and first layers without experts.
/// <code>
/// tokens → embedding → [ + attention(norm x) → + Σ weight · expert(norm x) + shared(norm x) ] × n → norm → head
/// </code>
/// </summary>
internal sealed class DeepSeek : ExpertsKin
{
    private const string SharedKey = "n_shared_experts", FirstKey = "first_k_dense_replace", StepKey = "moe_layer_freq", ScoringKey = "scoring_func", ScaleKey = "expert_weights_scale";

    /// <inheritdoc/>
    public override string Name => "deepseek";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["deepseek"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> GgufArchitectures => ["deepseek"];

    /// <inheritdoc/>
    public override string Paper => "Dai et al. 2024, \"DeepSeekMoE: Towards Ultimate Expert Specialization in Mixture-of-Experts Language Models\"";

    /// <inheritdoc/>
    public override IReadOnlyList<string> KeysWithoutInfluence =>
    [
        .. base.KeysWithoutInfluence, "aux_loss_alpha", "seq_aux", "intermediate_size",
        // Where there are no experts.
        PerTokenKey, WidthKey, SharedKey, FirstKey, StepKey, ScoringKey, "norm_topk_prob",
    ];

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> AttributeMap { get; } = new Dictionary<string, string> { [ExpertsKey] = "n_routed_experts" };

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        .. DenseWeights,
        new("layers.{n}.feed_forward.router.weight", "model.layers.{n}.mlp.gate.weight", "blk.{n}.ffn_gate_inp.weight"),
        .. ExpertRows("model.layers.{n}.mlp.experts"),
        .. SharedRows("model.layers.{n}.mlp.shared_experts"),
    ];

    /// <summary>Without a number of experts there are none.</summary>
    protected override LayerSpec Layer(ConfigReader config) =>
        config.Has(ExpertsKey) ? base.Layer(config) : new(Norm(config), Attention(config), ChannelMixer(config));

    /// <inheritdoc/>
    protected override ExpertsSpec Experts(ConfigReader config)
    {
        if (config.Text(ScoringKey, absent: "softmax") is not "softmax" and var other) throw config.Unsupported(ScoringKey, other, "softmax");
        if (config.IsGguf && config.Real(ScaleKey, absent: 1) is not 1 and var scale) throw config.Unsupported(ScaleKey, $"{scale}", "1");
        int width = config.Size(WidthKey, absent: 1407);
        return new ExpertsSpec
        {
            Count = config.Size(ExpertsKey, most: 4096),
            PerToken = config.Size(PerTokenKey, most: 4096),
            Renormalised = config.Flag("norm_topk_prob", absent: false) && config.Size(PerTokenKey, most: 4096) > 1,
            IntermediateSize = width,
            Activation = ActivationReader.Read(config, "hidden_act", absent: "silu"),
            SharedSize = width * config.Integer(SharedKey, absent: 0),
        };
    }

    /// <inheritdoc/>
    protected override Func<int, bool> LayersWithExperts(ConfigReader config)
    {
        int first = config.Integer(FirstKey, absent: 0), step = config.Size(StepKey, absent: 1);
        return layer => layer >= first && layer % step == 0;
    }

    /// <inheritdoc/>
    public override void Describe(DecoderSpec spec, ConfigWriter config)
    {
        base.Describe(spec, config);
        if (!spec.Layers.Any(layer => layer.ChannelMixer is ExpertsSpec)) return;
        bool[] sparse = [.. spec.Layers.Select(layer => layer.ChannelMixer is ExpertsSpec)];
        int first = Array.IndexOf(sparse, true), step = Array.IndexOf(sparse, true, first + 1) - first;
        config.Set(FirstKey, first);
        if (!config.IsGguf && step > 1) config.Set(StepKey, step);
    }

    /// <inheritdoc/>
    protected override void Describe(ExpertsSpec experts, ConfigWriter config)
    {
        base.Describe(experts, config);
        config.Set(SharedKey, experts.SharedSize / experts.IntermediateSize);
        if (config.IsGguf) config.Set(ScaleKey, 1.0);
    }
}
