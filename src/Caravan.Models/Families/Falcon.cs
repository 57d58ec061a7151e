namespace Caravan.Models;

/// <summary>
/// Falcon in the styles of 7B (one key head, both halves of a layer side by side behind one norm) and of RW (ALiBi, one half after the other).
/// <code>
/// tokens → embedding → [ + attention(norm x) + down(gelu(up))(norm x) ] × n → norm → head
/// </code>
/// </summary>
internal class Falcon : DecoderFamily
{
    /// <inheritdoc/>
    public override string Name => "falcon";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["falcon", "RefinedWeb", "RefinedWebModel"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> GgufArchitectures => ["falcon"];

    /// <inheritdoc/>
    public override string Paper => "Almazrouei et al. 2023, \"The Falcon Series of Open Language Models\"";

    /// <inheritdoc/>
    public override string BasePrefix => "transformer.";

    /// <inheritdoc/>
    public override IReadOnlyList<string> KeysWithoutInfluence => ["bias", "new_decoder_architecture", "num_kv_heads", "multi_query"];

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> AttributeMap { get; } = new Dictionary<string, string>
    {
        ["num_key_value_heads"] = "num_kv_heads",
        ["intermediate_size"] = "ffn_hidden_size",
        ["hidden_act"] = "activation",
        ["layer_norm_eps"] = "layer_norm_epsilon",
    };

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        .. SharedWeights,
        .. WeightRow.Pair("layers.{n}.mixer_norm", "transformer.h.{n}.input_layernorm", "blk.{n}.attn_norm"),
        .. WeightRow.Pair("layers.{n}.feed_forward_norm", "transformer.h.{n}.post_attention_layernorm", "blk.{n}.ffn_norm"),
    ];

    /// <summary>The weights that have the same names in all styles.</summary>
    protected static IEnumerable<WeightRow> SharedWeights =>
    [
        new("embedding.weight", "transformer.word_embeddings.weight", "token_embd.weight"),
        .. FusedRows.QueryKeyValue(FusedRows.Groups, "transformer.h.{n}.self_attention.query_key_value"),
        .. WeightRow.Pair("layers.{n}.attention.output", "transformer.h.{n}.self_attention.dense", "blk.{n}.attn_output"),
        .. WeightRow.Pair("layers.{n}.feed_forward.up", "transformer.h.{n}.mlp.dense_h_to_4h", "blk.{n}.ffn_up"),
        .. WeightRow.Pair("layers.{n}.feed_forward.down", "transformer.h.{n}.mlp.dense_4h_to_h", "blk.{n}.ffn_down"),
        .. WeightRow.Pair("final_norm", "transformer.ln_f", "output_norm"),
        new("head.weight", "lm_head.weight", "output.weight"),
    ];

    /// <summary>GGUF tells the styles apart by the number of key heads, Hugging Face by a flag.</summary>
    public override bool Recognises(IConfigSource config) => !Falcon40.HasItsStyle(config);

    /// <inheritdoc/>
    protected override LayerSpec Layer(ConfigReader config) => base.Layer(config) with
    {
        Order = config.Flag("parallel_attn", absent: true) ? LayerOrder.Parallel : LayerOrder.PreNorm,
    };

    /// <inheritdoc/>
    protected override int KeyValueHeads(ConfigReader config, int heads) =>
        config.IsGguf ? base.KeyValueHeads(config, heads) : config.Flag("multi_query", absent: true) ? 1 : heads;

    /// <summary>Slopes, and their products with positions, are rounded to bfloat16, and added before scores are scaled.</summary>
    protected override AttentionSpec Attention(ConfigReader config)
    {
        AttentionSpec attention = base.Attention(config);
        return config.Flag("alibi", absent: false)
            ? attention with { Rotary = null, Alibi = new AlibiSpec(AlibiSpec.Standard(attention.Heads), RoundedToBFloat16: true) }
            : attention;
    }

    /// <inheritdoc/>
    public override void Describe(DecoderSpec spec, ConfigWriter config)
    {
        base.Describe(spec, config);
        if (config.IsGguf || spec.Layers[0].SequenceMixer is not AttentionSpec attention) return;
        config.Set("multi_query", attention.KeyValueHeads == 1);
        config.Set("parallel_attn", spec.Layers[0].Order == LayerOrder.Parallel);
        config.Set("alibi", attention.Alibi is not null);
    }
}
