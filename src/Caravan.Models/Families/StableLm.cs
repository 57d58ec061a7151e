namespace Caravan.Models;

/// <summary>
/// StableLM and StableLM 2: layer norms, rotary positions on a part of each head, a SiLU-gated MLP; the larger StableLM 2 mixes both halves of a
/// layer side by side and normalises each head's queries and keys with weights of its own.
/// <code>
/// tokens → embedding → [ + attention(norm x) → + down(silu(gate) · up)(norm x) ] × n → norm → head
/// </code>
/// </summary>
internal sealed class StableLm : DecoderFamily
{
    private const string InputBiasKey = "use_qkv_bias", QueryKeyNormKey = "qk_layernorm", ParallelKey = "use_parallel_residual";

    /// <inheritdoc/>
    public override string Name => "stablelm";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["stablelm"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> GgufArchitectures => ["stablelm"];

    /// <inheritdoc/>
    public override string Paper => "Bellagente et al. 2024, \"Stable LM 2 1.6B Technical Report\"";

    /// <inheritdoc/>
    public override string HuggingFaceClass => "StableLmForCausalLM";

    /// <summary>GGUF keeps the norms of all heads in one tensor.</summary>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        new("embedding.weight", "model.embed_tokens.weight", "token_embd.weight"),
        .. WeightRow.Pair("layers.{n}.mixer_norm", "model.layers.{n}.input_layernorm", "blk.{n}.attn_norm"),
        .. WeightRow.QueryKeyValue("model.layers.{n}.self_attn.*_proj"),
        new("layers.{n}.attention.query_norm.heads.{e}.weight", "model.layers.{n}.self_attn.q_layernorm.norms.{e}.weight", "blk.{n}.attn_q_norm.weight"),
        new("layers.{n}.attention.key_norm.heads.{e}.weight", "model.layers.{n}.self_attn.k_layernorm.norms.{e}.weight", "blk.{n}.attn_k_norm.weight"),
        .. WeightRow.Pair("layers.{n}.attention.output", "model.layers.{n}.self_attn.o_proj", "blk.{n}.attn_output"),
        .. WeightRow.Pair("layers.{n}.feed_forward_norm", "model.layers.{n}.post_attention_layernorm", "blk.{n}.ffn_norm"),
        .. WeightRow.Pair("layers.{n}.feed_forward.gate", "model.layers.{n}.mlp.gate_proj", "blk.{n}.ffn_gate"),
        .. WeightRow.Pair("layers.{n}.feed_forward.up", "model.layers.{n}.mlp.up_proj", "blk.{n}.ffn_up"),
        .. WeightRow.Pair("layers.{n}.feed_forward.down", "model.layers.{n}.mlp.down_proj", "blk.{n}.ffn_down"),
        .. WeightRow.Pair("final_norm", "model.norm", "output_norm"),
        new("head.weight", "lm_head.weight", "output.weight"),
    ];

    /// <inheritdoc/>
    protected override string ActivationWhenAbsent => "silu";

    /// <inheritdoc/>
    protected override int ContextWhenAbsent => 4096;

    /// <inheritdoc/>
    protected override double? RotaryPartWhenAbsent => 0.25;

    /// <inheritdoc/>
    protected override LayerSpec Layer(ConfigReader config) => base.Layer(config) with
    {
        Order = config.Flag(ParallelKey, absent: false) ? LayerOrder.Parallel : LayerOrder.PreNorm,
    };

    /// <summary>GGUF has no key for what the weights show.</summary>
    protected override AttentionSpec Attention(ConfigReader config)
    {
        AttentionSpec attention = base.Attention(config);
        bool normed = config.Flag(QueryKeyNormKey, absent: config.IsGguf && config.Weights.Has("layers.0.attention.query_norm.heads.0.weight"));
        return attention with
        {
            InputBias = config.Flag(InputBiasKey, absent: attention.InputBias),
            QueryKeyNorm = normed ? Norm(config) with { HasBias = false } : null,
            NormPerHead = normed,
        };
    }

    /// <inheritdoc/>
    protected override ChannelMixerSpec ChannelMixer(ConfigReader config) => GatedMlp(config);

    /// <inheritdoc/>
    public override void Describe(DecoderSpec spec, ConfigWriter config)
    {
        base.Describe(spec, config);
        config.Set(ParallelKey, spec.Layers[0].Order == LayerOrder.Parallel);
    }

    /// <inheritdoc/>
    protected override void Describe(AttentionSpec attention, ConfigWriter config)
    {
        base.Describe(attention, config);
        if (config.IsGguf) return;
        config.Set(InputBiasKey, attention.InputBias);
        config.Set(QueryKeyNormKey, attention.QueryKeyNorm is not null);
    }
}
