namespace Caravan.Models;

/// <summary>
/// BLOOM: no positions but linear biases (ALiBi), a norm of the embeddings, queries, keys and values in one matrix, head by head.
/// <code>
/// tokens → embedding → norm → [ + attention(norm x) → + down(gelu(up))(norm x) ] × n → norm → head
/// </code>
/// </summary>
internal sealed class Bloom : DecoderFamily
{
    /// <inheritdoc/>
    public override string Name => "bloom";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["bloom"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> GgufArchitectures => ["bloom"];

    /// <inheritdoc/>
    public override string Paper => "BigScience 2022, \"BLOOM: A 176B-Parameter Open-Access Multilingual Language Model\"";

    /// <inheritdoc/>
    public override string BasePrefix => "transformer.";

    /// <inheritdoc/>
    public override IReadOnlyList<string> KeysWithoutInfluence => ["slow_but_exact"];

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> AttributeMap { get; } = new Dictionary<string, string>
    {
        ["max_position_embeddings"] = "seq_length",
        ["num_hidden_layers"] = "n_layer",
        ["num_attention_heads"] = "n_head",
        ["layer_norm_eps"] = "layer_norm_epsilon",
    };

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        new("embedding.weight", "transformer.word_embeddings.weight", "token_embd.weight"),
        .. WeightRow.Pair("embedding_norm", "transformer.word_embeddings_layernorm", "token_embd_norm"),
        .. WeightRow.Pair("layers.{n}.mixer_norm", "transformer.h.{n}.input_layernorm", "blk.{n}.attn_norm"),
        .. FusedRows.QueryKeyValue(FusedRows.Groups, "transformer.h.{n}.self_attention.query_key_value"),
        .. WeightRow.Pair("layers.{n}.attention.output", "transformer.h.{n}.self_attention.dense", "blk.{n}.attn_output"),
        .. WeightRow.Pair("layers.{n}.feed_forward_norm", "transformer.h.{n}.post_attention_layernorm", "blk.{n}.ffn_norm"),
        .. WeightRow.Pair("layers.{n}.feed_forward.up", "transformer.h.{n}.mlp.dense_h_to_4h", "blk.{n}.ffn_up"),
        .. WeightRow.Pair("layers.{n}.feed_forward.down", "transformer.h.{n}.mlp.dense_4h_to_h", "blk.{n}.ffn_down"),
        .. WeightRow.Pair("final_norm", "transformer.ln_f", "output_norm"),
        new("head.weight", "lm_head.weight", "output.weight"),
    ];

    /// <summary>The tanh form, as the reference writes it out.</summary>
    protected override string ActivationWhenAbsent => "gelu_new";

    /// <inheritdoc/>
    public override DecoderSpec Spec(ConfigReader config)
    {
        DecoderSpec spec = base.Spec(config);
        return spec with { EmbeddingNorm = spec.FinalNorm };
    }

    /// <inheritdoc/>
    protected override LayerSpec Layer(ConfigReader config) => base.Layer(config) with
    {
        Order = config.Flag("apply_residual_connection_post_layernorm", absent: false) ? LayerOrder.NormedResidual : LayerOrder.PreNorm,
    };

    /// <inheritdoc/>
    protected override AttentionSpec Attention(ConfigReader config)
    {
        AttentionSpec attention = base.Attention(config);
        return attention with { Alibi = AlibiSpec.AfterScaling(attention) };
    }

    /// <inheritdoc/>
    protected override RotarySpec? Rotary(ConfigReader config, int headSize) => null;
}
