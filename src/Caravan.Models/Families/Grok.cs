using Caravan.Kernels;

namespace Caravan.Models;

/// <summary>
/// Grok-1: norms before and after each half of a layer, scores bent by a tanh, experts with a GELU gate, and constants that multiply embeddings,
/// scores and logits. Checked against the published JAX code and configuration and llama.cpp's description of the architecture; there is no reference
/// output here. The two conversions to Hugging Face's layout use other names, both of which are read. llama.cpp divides the weights of the chosen experts
/// by their sum, which the published code does not, so that conversion to GGUF is refused.
/// <code>
/// tokens → s₁ · embedding → [ + norm(attention(norm x)) → + norm(Σ weight · expert(norm x)) ] × n → norm → s₂ · head
/// </code>
/// </summary>
internal sealed class Grok : ExpertsKin
{
    private const string ScoreKey = "attn_output_multiplier", CapKey = "max_attn_value", InputKey = "embedding_multiplier_scale", OutputKey = "output_multiplier_scale";

    /// <inheritdoc/>
    public override string Name => "grok-1";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["grok-1", "grok"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> GgufArchitectures => ["grok"];

    /// <inheritdoc/>
    public override string Paper => "xAI 2024, \"Open Release of Grok-1\"";

    /// <inheritdoc/>
    public override string HuggingFaceClass => "Grok1ModelForCausalLM";

    /// <inheritdoc/>
    public override RotaryLayout GgufRotary => RotaryLayout.HalfSplit;

    /// <inheritdoc/>
    public override IReadOnlyList<string> KeysWithoutInfluence => [.. base.KeysWithoutInfluence, "router_aux_loss_coef", "grok.router_logit_softcapping"];

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> AttributeMap { get; } = new Dictionary<string, string> { [ExpertsKey] = "num_experts" };

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        .. Named("embedding", "model.embed_tokens.weight", "transformer.in_out_embed.weight", "token_embd"),
        .. Named("layers.{n}.mixer_norm", "model.layers.{n}.pre_attn_norm.scale", "transformer.decoder_layer.{n}.rms_norm.weight", "blk.{n}.attn_norm"),
        .. Named("layers.{n}.attention.query", "model.layers.{n}.attn.q_proj.weight", "transformer.decoder_layer.{n}.multi_head_attention.query.weight", "blk.{n}.attn_q"),
        .. Named("layers.{n}.attention.key", "model.layers.{n}.attn.k_proj.weight", "transformer.decoder_layer.{n}.multi_head_attention.key.weight", "blk.{n}.attn_k"),
        .. Named("layers.{n}.attention.value", "model.layers.{n}.attn.v_proj.weight", "transformer.decoder_layer.{n}.multi_head_attention.value.weight", "blk.{n}.attn_v"),
        .. Named("layers.{n}.attention.output", "model.layers.{n}.attn.o_proj.weight", "transformer.decoder_layer.{n}.multi_head_attention.linear.weight", "blk.{n}.attn_output"),
        .. Named("layers.{n}.mixer_branch_norm", "model.layers.{n}.post_attn_norm.scale", "transformer.decoder_layer.{n}.rms_norm_1.weight", "blk.{n}.attn_output_norm"),
        .. Named("layers.{n}.feed_forward_norm", "model.layers.{n}.pre_moe_norm.scale", "transformer.decoder_layer.{n}.rms_norm_2.weight", "blk.{n}.ffn_norm"),
        .. Named("layers.{n}.feed_forward.router", "model.layers.{n}.moe_block.gate.weight", "transformer.decoder_layer.{n}.router.weight", "blk.{n}.ffn_gate_inp"),
        .. Expert("gate", "linear"),
        .. Expert("up", "linear_v"),
        .. Expert("down", "linear_1"),
        .. Named("layers.{n}.feed_forward_branch_norm", "model.layers.{n}.post_moe_norm.scale", "transformer.decoder_layer.{n}.rms_norm_3.weight", "blk.{n}.layer_output_norm"),
        .. Named("final_norm", "model.norm.scale", "transformer.rms_norm.weight", "output_norm"),
        new("head.weight", "lm_head.weight", "output.weight"),
        new("rotary_divisors", "", "rope_freqs.weight"),
    ];

    /// <inheritdoc/>
    protected override string WidthKey => "intermediate_size";

    /// <inheritdoc/>
    protected override double NormEpsilonWhenAbsent => 1e-5;

    /// <inheritdoc/>
    protected override int ContextWhenAbsent => 8192;

    /// <summary>Old GGUF files have no keys for the constants.</summary>
    public override DecoderSpec Spec(ConfigReader config) => base.Spec(config) with
    {
        EmbeddingScale = (float)config.Real(config.IsGguf ? "embedding_scale" : InputKey, absent: 78.38367176906169),
        LogitScale = (float)config.Real(config.IsGguf ? "logit_scale" : OutputKey, absent: 0.5773502691896257),
    };

    /// <inheritdoc/>
    protected override LayerSpec Layer(ConfigReader config) => base.Layer(config) with { BranchNorm = Norm(config) };

    /// <inheritdoc/>
    protected override AttentionSpec Attention(ConfigReader config) => base.Attention(config) with
    {
        Scale = (float)config.Real(config.IsGguf ? "attention.output_scale" : ScoreKey, absent: 0.08838834764831845),
        SoftCap = (float)config.Real(config.IsGguf ? "attn_logit_softcapping" : CapKey, absent: 30),
    };

    /// <inheritdoc/>
    protected override ExpertsSpec Experts(ConfigReader config) => new()
    {
        Count = config.Size(ExpertsKey, absent: 8, most: 4096),
        PerToken = config.Size(PerTokenKey, absent: 2, most: 4096),
        Renormalised = config.IsGguf,
        IntermediateSize = config.Size(WidthKey),
        Activation = ActivationFunction.GeluTanh,
    };

    /// <inheritdoc/>
    protected override Func<int, bool> LayersWithExperts(ConfigReader config) => _ => true;

    /// <inheritdoc/>
    public override void Describe(DecoderSpec spec, ConfigWriter config)
    {
        base.Describe(spec, config);
        AttentionSpec attention = (AttentionSpec)spec.Layers[0].SequenceMixer;
        config.Set(config.IsGguf ? "embedding_scale" : InputKey, (double)spec.EmbeddingScale);
        config.Set(config.IsGguf ? "logit_scale" : OutputKey, (double)spec.LogitScale);
        config.Set(config.IsGguf ? "attention.output_scale" : ScoreKey, (double)attention.ScaleOfScores);
        config.Set(config.IsGguf ? "attn_logit_softcapping" : CapKey, (double)attention.SoftCap);
    }

    /// <inheritdoc/>
    protected override void Describe(ExpertsSpec experts, ConfigWriter config)
    {
        config.Set(ExpertsKey, experts.Count);
        config.Set(PerTokenKey, experts.PerToken);
        config.Set(WidthKey, experts.IntermediateSize);
    }

    private static IEnumerable<WeightRow> Named(string name, string huggingFace, string other, string gguf) =>
        ((string[])[huggingFace, other]).Select(stored => new WeightRow($"{name}.weight", stored, $"{gguf}.weight"));

    private static IEnumerable<WeightRow> Expert(string part, string name) => Named(
        $"layers.{{n}}.feed_forward.experts.{{e}}.{part}", $"model.layers.{{n}}.moe_block.experts.{{e}}.{name}.weight",
        $"transformer.decoder_layer.{{n}}.moe.{{e}}.{name}.weight", $"blk.{{n}}.ffn_{part}_exps");
}
