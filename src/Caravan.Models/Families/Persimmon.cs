namespace Caravan.Models;

/// <summary>
/// Persimmon: queries, keys and values in one matrix, head by head, a norm of each head's queries and keys, rotary positions on half of each head,
/// squared ReLU.
/// <code>
/// tokens → embedding → [ + attention(norm x) → + down(relu²(up))(norm x) ] × n → norm → head
/// </code>
/// </summary>
internal sealed class Persimmon : DecoderFamily
{
    private const string QueryKeyNormKey = "qk_layernorm";

    /// <inheritdoc/>
    public override string Name => "persimmon";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["persimmon"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> GgufArchitectures => ["persimmon"];

    /// <inheritdoc/>
    public override string Paper => "Elsen et al. 2023, \"Releasing Persimmon-8B\"";

    /// <summary>GGUF keeps the rows of the fused matrix in the same order.</summary>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        new("embedding.weight", "model.embed_tokens.weight", "token_embd.weight"),
        .. WeightRow.Pair("layers.{n}.mixer_norm", "model.layers.{n}.input_layernorm", "blk.{n}.attn_norm"),
        .. FusedRows.QueryKeyValue(FusedRows.Groups, "model.layers.{n}.self_attn.query_key_value", FusedRows.Groups),
        .. WeightRow.Pair("layers.{n}.attention.query_norm", "model.layers.{n}.self_attn.q_layernorm", "blk.{n}.attn_q_norm"),
        .. WeightRow.Pair("layers.{n}.attention.key_norm", "model.layers.{n}.self_attn.k_layernorm", "blk.{n}.attn_k_norm"),
        .. WeightRow.Pair("layers.{n}.attention.output", "model.layers.{n}.self_attn.dense", "blk.{n}.attn_output"),
        .. WeightRow.Pair("layers.{n}.feed_forward_norm", "model.layers.{n}.post_attention_layernorm", "blk.{n}.ffn_norm"),
        .. WeightRow.Pair("layers.{n}.feed_forward.up", "model.layers.{n}.mlp.dense_h_to_4h", "blk.{n}.ffn_up"),
        .. WeightRow.Pair("layers.{n}.feed_forward.down", "model.layers.{n}.mlp.dense_4h_to_h", "blk.{n}.ffn_down"),
        .. WeightRow.Pair("final_norm", "model.final_layernorm", "output_norm"),
        new("head.weight", "lm_head.weight", "output.weight"),
    ];

    /// <inheritdoc/>
    protected override string ActivationWhenAbsent => "relu2";

    /// <inheritdoc/>
    protected override int ContextWhenAbsent => 16384;

    /// <inheritdoc/>
    protected override double RotaryBaseWhenAbsent => 25_000;

    /// <inheritdoc/>
    protected override double? RotaryPartWhenAbsent => 0.5;

    /// <inheritdoc/>
    protected override AttentionSpec Attention(ConfigReader config) => base.Attention(config) with
    {
        QueryKeyNorm = config.Flag(QueryKeyNormKey, absent: !config.IsGguf || config.Weights.Has("layers.0.attention.query_norm.weight")) ? Norm(config) : null,
    };

    /// <inheritdoc/>
    protected override void Describe(AttentionSpec attention, ConfigWriter config)
    {
        base.Describe(attention, config);
        if (!config.IsGguf) config.Set(QueryKeyNormKey, attention.QueryKeyNorm is not null);
    }
}
