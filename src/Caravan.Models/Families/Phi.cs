namespace Caravan.Models;

/// <summary>
/// Phi-1, Phi-1.5, Phi-2: both halves of a layer side by side behind one norm, rotary positions on a part of each head, a head with a bias.
/// <code>
/// tokens → embedding → [ + attention(norm x) + down(gelu(up))(norm x) ] × n → norm → head
/// </code>
/// </summary>
internal sealed class Phi : DecoderFamily
{
    private const string QueryKeyNormKey = "qk_layernorm";

    /// <inheritdoc/>
    public override string Name => "phi";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["phi"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> GgufArchitectures => ["phi2"];

    /// <inheritdoc/>
    public override string Paper => "Li et al. 2023, \"Textbooks Are All You Need II: phi-1.5 technical report\"";

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        new("embedding.weight", "model.embed_tokens.weight", "token_embd.weight"),
        .. WeightRow.Pair("layers.{n}.mixer_norm", "model.layers.{n}.input_layernorm", "blk.{n}.attn_norm"),
        .. WeightRow.QueryKeyValue("model.layers.{n}.self_attn.*_proj"),
        .. WeightRow.Pair("layers.{n}.attention.query_norm", "model.layers.{n}.self_attn.q_layernorm"),
        .. WeightRow.Pair("layers.{n}.attention.key_norm", "model.layers.{n}.self_attn.k_layernorm"),
        .. WeightRow.Pair("layers.{n}.attention.output", "model.layers.{n}.self_attn.dense", "blk.{n}.attn_output"),
        .. WeightRow.Pair("layers.{n}.feed_forward.up", "model.layers.{n}.mlp.fc1", "blk.{n}.ffn_up"),
        .. WeightRow.Pair("layers.{n}.feed_forward.down", "model.layers.{n}.mlp.fc2", "blk.{n}.ffn_down"),
        .. WeightRow.Pair("final_norm", "model.final_layernorm", "output_norm"),
        .. WeightRow.Pair("head", "lm_head", "output"),
    ];

    /// <inheritdoc/>
    protected override string ActivationWhenAbsent => "gelu_new";

    /// <inheritdoc/>
    protected override double? RotaryPartWhenAbsent => 0.5;

    /// <inheritdoc/>
    protected override LayerSpec Layer(ConfigReader config) => base.Layer(config) with { Order = LayerOrder.Parallel };

    /// <inheritdoc/>
    protected override AttentionSpec Attention(ConfigReader config) => base.Attention(config) with
    {
        QueryKeyNorm = config.Flag(QueryKeyNormKey, absent: false) ? Norm(config) : null,
    };

    /// <inheritdoc/>
    protected override void Describe(AttentionSpec attention, ConfigWriter config)
    {
        base.Describe(attention, config);
        if (!config.IsGguf) config.Set(QueryKeyNormKey, attention.QueryKeyNorm is not null);
    }
}
