namespace Caravan.Models;

/// <summary>
/// MPT: no positions but linear biases (ALiBi), layer norms without a bias before each half of a layer, queries, keys and values in one matrix,
/// which may be kept within bounds.
/// <code>
/// tokens → embedding → [ + attention(norm x) → + down(gelu(up))(norm x) ] × n → norm → head
/// </code>
/// </summary>
internal sealed class Mpt : DecoderFamily
{
    private const string LargestBiasKey = "attention.max_alibi_bias", ScaleKey = "attn_config.softmax_scale", ClipKey = "clip_qkv", LogitScaleKey = "logit_scale";

    /// <inheritdoc/>
    public override string Name => "mpt";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["mpt"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> GgufArchitectures => ["mpt"];

    /// <inheritdoc/>
    public override string Paper => "MosaicML 2023, \"Introducing MPT-7B: A New Standard for Open-Source, Commercially Usable LLMs\"";

    /// <inheritdoc/>
    public override string BasePrefix => "transformer.";

    /// <summary>The reference always adds linear biases whose slopes fall to 2⁻⁸, takes the width of its blocks from the weights, and never normalises by root mean squares.</summary>
    public override IReadOnlyList<string> KeysWithoutInfluence =>
    [
        "learned_pos_emb", "embedding_fraction", "norm_type", "no_bias", "expansion_ratio", "intermediate_size", "attn_config.attn_type", "attn_config.attn_pdrop", "attn_config.attn_impl",
        "attn_config.prefix_lm", "attn_config.attn_uses_sequence_id", "attn_config.alibi", "attn_config.alibi_bias_max", "attn_config.model_type",
    ];

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> AttributeMap { get; } = new Dictionary<string, string>
    {
        ["hidden_size"] = "d_model",
        ["max_position_embeddings"] = "max_seq_len",
        ["num_hidden_layers"] = "n_layers",
        ["num_attention_heads"] = "n_heads",
        ["layer_norm_eps"] = "layer_norm_epsilon",
        [ClipKey] = "attn_config.clip_qkv",
    };

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        new("embedding.weight", "transformer.wte.weight", "token_embd.weight"),
        .. WeightRow.Pair("layers.{n}.mixer_norm", "transformer.blocks.{n}.norm_1", "blk.{n}.attn_norm"),
        .. FusedRows.QueryKeyValue(FusedRows.Blocks, "transformer.blocks.{n}.attn.Wqkv"),
        .. WeightRow.Pair("layers.{n}.attention.output", "transformer.blocks.{n}.attn.out_proj", "blk.{n}.attn_output"),
        .. WeightRow.Pair("layers.{n}.feed_forward_norm", "transformer.blocks.{n}.norm_2", "blk.{n}.ffn_norm"),
        .. WeightRow.Pair("layers.{n}.feed_forward.up", "transformer.blocks.{n}.ffn.up_proj", "blk.{n}.ffn_up"),
        .. WeightRow.Pair("layers.{n}.feed_forward.down", "transformer.blocks.{n}.ffn.down_proj", "blk.{n}.ffn_down"),
        .. WeightRow.Pair("final_norm", "transformer.norm_f", "output_norm"),
        new("head.weight", "lm_head.weight", "output.weight"),
    ];

    /// <inheritdoc/>
    public override DecoderSpec Spec(ConfigReader config) =>
        base.Spec(config) with { LogitScale = config.IsGguf ? 1 : (float)config.Real(LogitScaleKey, absent: 1) };

    /// <inheritdoc/>
    protected override NormSpec Norm(ConfigReader config) =>
        NormSpec.Layer(config.Real("layer_norm_eps", absent: NormEpsilonWhenAbsent), bias: config.Weights.Has("final_norm.bias"));

    /// <inheritdoc/>
    protected override AttentionSpec Attention(ConfigReader config)
    {
        if (config.Flag("attn_config.qk_ln", absent: false)) throw config.Unsupported("attn_config.qk_ln", "true", "false");
        AttentionSpec attention = base.Attention(config) with { Scale = (float)config.Real(ScaleKey, absent: 0), Clip = (float)config.Real(ClipKey, absent: 0) };
        double largest = config.IsGguf ? config.Real(LargestBiasKey, absent: 0) : 8;
        return attention with { Alibi = largest == 0 ? null : AlibiSpec.AfterScaling(attention, largest) };
    }

    /// <inheritdoc/>
    protected override RotarySpec? Rotary(ConfigReader config, int headSize) => null;

    /// <inheritdoc/>
    protected override int IntermediateSize(ConfigReader config) =>
        config.IsGguf ? base.IntermediateSize(config) : config.Weights.Rows("layers.0.feed_forward.up.weight");

    /// <inheritdoc/>
    public override void Describe(DecoderSpec spec, ConfigWriter config)
    {
        base.Describe(spec, config);
        if (config.IsGguf) return;
        config.Set("expansion_ratio", spec.Layers[0].ChannelMixer.IntermediateWidth / spec.HiddenSize);
        if (spec.LogitScale != 1) config.Set(LogitScaleKey, (double)spec.LogitScale);
    }

    /// <inheritdoc/>
    protected override void Describe(AttentionSpec attention, ConfigWriter config)
    {
        base.Describe(attention, config);
        if (attention.Clip > 0) config.Set(ClipKey, (double)attention.Clip);
        if (config.IsGguf) config.Set(LargestBiasKey, attention.Alibi is null ? 0.0 : 8.0);
        else if (attention.Scale != 0) config.Set(ScaleKey, (double)attention.Scale);
    }
}
