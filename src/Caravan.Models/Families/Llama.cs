using Caravan.Kernels;

namespace Caravan.Models;

/// <summary>
/// LLaMA and the models built like it: RMS norms before each half of a layer, rotary positions, grouped-query attention, a SiLU-gated MLP.
/// <code>
/// tokens → embedding → [ + attention(norm x) → + down(silu(gate) · up)(norm x) ] × n → norm → head
/// </code>
/// </summary>
internal class Llama : DecoderFamily
{
    /// <inheritdoc/>
    public override string Name => "llama";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["llama", "aquila", "skywork", "nanbeige"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> GgufArchitectures => ["llama"];

    /// <inheritdoc/>
    public override string Paper => "Touvron et al. 2023, \"LLaMA: Open and Efficient Foundation Language Models\"";

    /// <summary>llama.cpp stores the rows of Q and K in RoFormer's order.</summary>
    public override RotaryLayout GgufRotary => RotaryLayout.Interleaved;

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights => DenseWeights;

    /// <summary>The weights of kin whose feed-forward blocks all tokens pass.</summary>
    protected static IReadOnlyList<WeightRow> DenseWeights { get; } =
    [
        new("embedding.weight", "model.embed_tokens.weight", "token_embd.weight"),
        new("layers.{n}.mixer_norm.weight", "model.layers.{n}.input_layernorm.weight", "blk.{n}.attn_norm.weight"),
        new("layers.{n}.attention.query.weight", "model.layers.{n}.self_attn.q_proj.weight", "blk.{n}.attn_q.weight", Rotary: true),
        new("layers.{n}.attention.query.bias", "model.layers.{n}.self_attn.q_proj.bias", "blk.{n}.attn_q.bias", Rotary: true),
        new("layers.{n}.attention.key.weight", "model.layers.{n}.self_attn.k_proj.weight", "blk.{n}.attn_k.weight", Rotary: true),
        new("layers.{n}.attention.key.bias", "model.layers.{n}.self_attn.k_proj.bias", "blk.{n}.attn_k.bias", Rotary: true),
        new("layers.{n}.attention.value.weight", "model.layers.{n}.self_attn.v_proj.weight", "blk.{n}.attn_v.weight"),
        new("layers.{n}.attention.value.bias", "model.layers.{n}.self_attn.v_proj.bias", "blk.{n}.attn_v.bias"),
        new("layers.{n}.attention.output.weight", "model.layers.{n}.self_attn.o_proj.weight", "blk.{n}.attn_output.weight"),
        new("layers.{n}.attention.output.bias", "model.layers.{n}.self_attn.o_proj.bias", "blk.{n}.attn_output.bias"),
        new("layers.{n}.feed_forward_norm.weight", "model.layers.{n}.post_attention_layernorm.weight", "blk.{n}.ffn_norm.weight"),
        new("layers.{n}.feed_forward.gate.weight", "model.layers.{n}.mlp.gate_proj.weight", "blk.{n}.ffn_gate.weight"),
        new("layers.{n}.feed_forward.gate.bias", "model.layers.{n}.mlp.gate_proj.bias", "blk.{n}.ffn_gate.bias"),
        new("layers.{n}.feed_forward.up.weight", "model.layers.{n}.mlp.up_proj.weight", "blk.{n}.ffn_up.weight"),
        new("layers.{n}.feed_forward.up.bias", "model.layers.{n}.mlp.up_proj.bias", "blk.{n}.ffn_up.bias"),
        new("layers.{n}.feed_forward.down.weight", "model.layers.{n}.mlp.down_proj.weight", "blk.{n}.ffn_down.weight"),
        new("layers.{n}.feed_forward.down.bias", "model.layers.{n}.mlp.down_proj.bias", "blk.{n}.ffn_down.bias"),
        new("final_norm.weight", "model.norm.weight", "output_norm.weight"),
        new("head.weight", "lm_head.weight", "output.weight"),
        new("rotary_divisors", "", "rope_freqs.weight"),
    ];

    /// <summary>A GGUF of this architecture may have experts: then it is <see cref="Mixtral"/>'s. Other files may be <see cref="OpenMoe"/>'s.</summary>
    public override bool Recognises(IConfigSource config) =>
        config.IsGguf ? config.Find(Mixtral.ExpertsKey) is null or 0L : config.Find(OpenMoe.IntervalKey) is null;

    /// <summary>The key that says whether all of attention's projections have biases; null where the weights say which do.</summary>
    protected virtual string? AttentionBiasKey => "attention_bias";

    /// <summary>The key that says whether the feed-forward block's projections have biases; null where the weights say so.</summary>
    protected virtual string? MlpBiasKey => "mlp_bias";

    /// <inheritdoc/>
    protected override string ActivationWhenAbsent => "silu";

    /// <inheritdoc/>
    protected override double NormEpsilonWhenAbsent => 1e-6;

    /// <inheritdoc/>
    protected override NormSpec Norm(ConfigReader config) => new((float)config.Real("rms_norm_eps", absent: NormEpsilonWhenAbsent));

    /// <inheritdoc/>
    protected override AttentionSpec Attention(ConfigReader config)
    {
        AttentionSpec attention = base.Attention(config);
        return attention with
        {
            InputBias = AttentionBiasKey is { } key ? config.Flag(key, absent: attention.InputBias) : attention.InputBias,
            OutputBias = AttentionBiasKey is { } again ? config.Flag(again, absent: attention.OutputBias) : attention.OutputBias,
            Window = Window(config),
        };
    }

    /// <inheritdoc/>
    protected override int IntermediateSize(ConfigReader config) => config.Size("intermediate_size");

    /// <inheritdoc/>
    protected override ChannelMixerSpec ChannelMixer(ConfigReader config)
    {
        GatedMlpSpec mixer = GatedMlp(config);
        return MlpBiasKey is { } key ? mixer with { Bias = config.Flag(key, absent: mixer.Bias) } : mixer;
    }

    /// <inheritdoc/>
    protected override void Describe(AttentionSpec attention, ConfigWriter config)
    {
        base.Describe(attention, config);
        config.Set("head_dim", attention.HeadSize);
        if (!config.IsGguf && AttentionBiasKey is { } key) config.Set(key, attention.InputBias);
    }

    /// <inheritdoc/>
    protected override void Describe(ChannelMixerSpec mixer, ConfigWriter config)
    {
        base.Describe(mixer, config);
        if (mixer is GatedMlpSpec gated && !config.IsGguf && MlpBiasKey is { } key) config.Set(key, gated.Bias);
    }

    /// <inheritdoc/>
    public override string? Inexpressible(DecoderSpec spec, bool gguf, WeightReader weights)
    {
        if (!spec.Layers.All(spec.Layers[0].Equals)) return "layers that differ from each other";
        if (spec.Layers[0].SequenceMixer is not AttentionSpec attention) return "sequence mixers other than attention";
        if (InexpressibleChannelMixer(spec.Layers[0].ChannelMixer, gguf) is { } mixer) return mixer;
        if (gguf) return null;
        if (attention.Rotary?.Dimensions != attention.HeadSize) return "heads that are rotated only in part";
        return InexpressibleInConfigJson(attention, spec.Layers[0].ChannelMixer);
    }

    /// <summary>The part of <see cref="Inexpressible"/> about the second half of a layer: GGUF has no key for its activation.</summary>
    protected virtual string? InexpressibleChannelMixer(ChannelMixerSpec mixer, bool gguf) =>
        mixer is not GatedMlpSpec feedForward ? "feed-forward blocks of another kind"
        : gguf && feedForward.Activation != ActivationFunction.Silu ? $"the activation {feedForward.Activation}"
        : null;

    /// <summary>The part of <see cref="Inexpressible"/> in which the configuration classes of transformers differ between kin.</summary>
    protected virtual string? InexpressibleInConfigJson(AttentionSpec attention, ChannelMixerSpec mixer)
    {
        if (attention.Window != 0) return "a sliding window";
        return attention.InputBias == attention.OutputBias ? null : "biases on some of the attention's projections";
    }

    /// <summary>Keys a query sees; 0 means all. GGUF files of windowed kin carry the key; transformers' LLaMA has none.</summary>
    protected virtual int Window(ConfigReader config) => config.IsGguf ? config.OptionalInteger("sliding_window", absent: null) ?? 0 : 0;
}
