using Caravan.Kernels;

namespace Caravan.Models;

/// <summary>
/// Qwen, first generation: LLaMA under other names with queries, keys and values in one matrix with bias, and two switches for texts beyond the
/// trained length. <c>intermediate_size</c> counts gate and up together.
/// </summary>
internal sealed class Qwen : LlamaKin
{
    private const string DynamicKey = "use_dynamic_ntk", LogarithmicKey = "use_logn_attn", ScaleKey = "scale_attn_weights";

    /// <inheritdoc/>
    public override string Name => "qwen";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["qwen"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> GgufArchitectures => ["qwen"];

    /// <inheritdoc/>
    public override string Paper => "Bai et al. 2023, \"Qwen Technical Report\"";

    /// <inheritdoc/>
    public override string BasePrefix => "transformer.";

    /// <inheritdoc/>
    public override string HuggingFaceClass => "QWenLMHeadModel";

    /// <inheritdoc/>
    public override RotaryLayout GgufRotary => RotaryLayout.HalfSplit;

    /// <summary><c>max_position_embeddings</c> sizes nothing; positions are stretched beyond <c>seq_length</c>.</summary>
    public override IReadOnlyList<string> KeysWithoutInfluence =>
    [
        .. base.KeysWithoutInfluence, "max_position_embeddings", "no_bias", "attn_dropout_prob", "emb_dropout_prob", "bf16", "fp16", "fp32", "onnx_safe",
        "use_cache_quantization", "use_cache_kernel", "softmax_in_fp32",
    ];

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> AttributeMap { get; } = new Dictionary<string, string>
    {
        ["max_position_embeddings"] = "seq_length",
        ["head_dim"] = "kv_channels",
        ["rms_norm_eps"] = "layer_norm_epsilon",
        ["rope_theta"] = "rotary_emb_base",
        ["partial_rotary_factor"] = "rotary_pct",
    };

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        new("embedding.weight", "transformer.wte.weight", "token_embd.weight"),
        new("layers.{n}.mixer_norm.weight", "transformer.h.{n}.ln_1.weight", "blk.{n}.attn_norm.weight"),
        .. FusedRows.QueryKeyValue(FusedRows.Blocks, "transformer.h.{n}.attn.c_attn"),
        .. WeightRow.Pair("layers.{n}.attention.output", "transformer.h.{n}.attn.c_proj", "blk.{n}.attn_output"),
        new("layers.{n}.feed_forward_norm.weight", "transformer.h.{n}.ln_2.weight", "blk.{n}.ffn_norm.weight"),
        .. WeightRow.Pair("layers.{n}.feed_forward.gate", "transformer.h.{n}.mlp.w2", "blk.{n}.ffn_gate"),
        .. WeightRow.Pair("layers.{n}.feed_forward.up", "transformer.h.{n}.mlp.w1", "blk.{n}.ffn_up"),
        .. WeightRow.Pair("layers.{n}.feed_forward.down", "transformer.h.{n}.mlp.c_proj", "blk.{n}.ffn_down"),
        new("final_norm.weight", "transformer.ln_f.weight", "output_norm.weight"),
        new("head.weight", "lm_head.weight", "output.weight"),
        new("rotary_divisors", "", "rope_freqs.weight"),
    ];

    /// <inheritdoc/>
    protected override double? RotaryPartWhenAbsent => 1;

    /// <inheritdoc/>
    protected override int IntermediateSize(ConfigReader config) => config.Size("intermediate_size") / 2;

    /// <inheritdoc/>
    protected override AttentionSpec Attention(ConfigReader config) =>
        config.Flag(ScaleKey, absent: true) ? base.Attention(config) : base.Attention(config) with { Scale = 1 };

    /// <inheritdoc/>
    protected override RotarySpec? Rotary(ConfigReader config, int headSize)
    {
        RotarySpec rotary = base.Rotary(config, headSize)!;
        bool dynamic = config.Flag(DynamicKey, absent: !config.IsGguf), logarithmic = config.Flag(LogarithmicKey, absent: !config.IsGguf);
        int trained = config.Size("max_position_embeddings", absent: ContextWhenAbsent, most: int.MaxValue);
        return dynamic || logarithmic ? rotary with { Scaling = new SteppedDynamicScaling(trained) { Dynamic = dynamic, Logarithmic = logarithmic } } : rotary;
    }

    /// <inheritdoc/>
    protected override void Describe(AttentionSpec attention, ConfigWriter config)
    {
        base.Describe(attention, config);
        if (config.IsGguf || attention.Rotary is not { } rotary) return;
        SteppedDynamicScaling? scaling = rotary.Scaling as SteppedDynamicScaling;
        config.Set(DynamicKey, scaling?.Dynamic == true);
        config.Set(LogarithmicKey, scaling?.Logarithmic == true);
        config.Set(ScaleKey, attention.Scale != 1);
    }

    /// <inheritdoc/>
    protected override void Describe(ChannelMixerSpec mixer, ConfigWriter config)
    {
        base.Describe(mixer, config);
        config.Set("intermediate_size", 2 * mixer.IntermediateWidth);
    }
}
