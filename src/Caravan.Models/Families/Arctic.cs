namespace Caravan.Models;

/// <summary>
/// Snowflake Arctic: a dense feed-forward block after attention, beside many experts that see the layer's own input. Checked against the published
/// modelling code and llama.cpp's description of the architecture; there is no reference output here.
/// <code>
/// tokens → embedding → [ + attention(norm x) → + down(silu(gate) · up)(norm x) → + Σ weight · expert(norm x₀) ] × n → norm → head
/// </code>
/// </summary>
internal sealed class Arctic : ExpertsKin
{
    private const string BesideKey = "parallel_attn_mlp_res", ResidualKey = "use_residual", StepKey = "moe_layer_frequency";

    /// <inheritdoc/>
    public override string Name => "arctic";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["arctic"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> GgufArchitectures => ["arctic"];

    /// <inheritdoc/>
    public override string Paper => "Snowflake AI Research 2024, \"Snowflake Arctic: The Best LLM for Enterprise AI\"";

    /// <inheritdoc/>
    public override IReadOnlyList<string> KeysWithoutInfluence =>
    [
        .. base.KeysWithoutInfluence, "moe_eval_capacity_factor", "moe_min_capacity", "moe_token_dropping", "moe_train_capacity_factor", "enable_expert_tensor_parallelism",
        "enc_index", "quantization", "max_sequence_length", ResidualKey,
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        .. DenseWeights.Where(row => !row.Name.Contains("feed_forward", StringComparison.Ordinal)),
        new("layers.{n}.residual_norm.weight", "model.layers.{n}.residual_layernorm.weight", "blk.{n}.ffn_norm.weight"),
        .. Matrices("layers.{n}.residual", "model.layers.{n}.residual_mlp", "blk.{n}.ffn_{0}.weight"),
        new("layers.{n}.feed_forward_norm.weight", "model.layers.{n}.post_attention_layernorm.weight", "blk.{n}.ffn_norm_exps.weight"),
        new("layers.{n}.feed_forward.router.weight", "model.layers.{n}.block_sparse_moe.gate.weight", "blk.{n}.ffn_gate_inp.weight"),
        .. Matrices("layers.{n}.feed_forward.experts.{e}", "model.layers.{n}.block_sparse_moe.experts.{e}", "blk.{n}.ffn_{0}_exps.weight"),
    ];

    /// <inheritdoc/>
    protected override string WidthKey => "intermediate_size";

    /// <inheritdoc/>
    protected override double NormEpsilonWhenAbsent => 1e-5;

    /// <summary>The dense block is as wide as the model.</summary>
    protected override LayerSpec Layer(ConfigReader config)
    {
        if (!config.Flag(BesideKey, absent: config.IsGguf)) throw config.Unsupported(BesideKey, "false", "true");
        LayerSpec layer = base.Layer(config);
        ExpertsSpec experts = (ExpertsSpec)layer.ChannelMixer;
        return layer with { Residual = new GatedMlpSpec { IntermediateSize = config.Size("hidden_size"), Activation = experts.Activation } };
    }

    /// <inheritdoc/>
    protected override ExpertsSpec Experts(ConfigReader config) => new()
    {
        Count = config.Size(ExpertsKey, absent: 8, most: 4096),
        PerToken = config.Size(PerTokenKey, absent: 1, most: 4096),
        Renormalised = config.IsGguf || config.Integer(PerTokenKey, absent: 1) > 1,
        IntermediateSize = config.Size(WidthKey),
        Activation = ActivationReader.Read(config, "hidden_act", absent: "silu"),
    };

    /// <summary>Published checkpoints have experts in every layer.</summary>
    protected override Func<int, bool> LayersWithExperts(ConfigReader config)
    {
        int step = config.Size(StepKey, absent: 1);
        return step == 1 ? _ => true : throw config.Unsupported(StepKey, $"{step}", "1");
    }

    /// <inheritdoc/>
    protected override void Describe(ExpertsSpec experts, ConfigWriter config)
    {
        config.Set(ExpertsKey, experts.Count);
        config.Set(PerTokenKey, experts.PerToken);
        config.Set(WidthKey, experts.IntermediateSize);
        if (config.IsGguf) return;
        config.Set("hidden_act", ActivationReader.NameOf(experts.Activation));
        config.Set(BesideKey, true);
        config.Set(ResidualKey, true);
        config.Set(StepKey, 1);
    }

    private static IEnumerable<WeightRow> Matrices(string name, string huggingFace, string gguf) =>
        new[] { ("gate", "w1"), ("up", "w3"), ("down", "w2") }.Select(part => new WeightRow(
            $"{name}.{part.Item1}.weight", $"{huggingFace}.{part.Item2}.weight", gguf.Replace("{0}", part.Item1, StringComparison.Ordinal)));
}
