namespace Caravan.Models;

/// <summary>
/// GPT-NeoX, Pythia, RedPajama, Dolly 2, StableLM-alpha: both halves of a layer side by side with a norm each (or one after the other), rotary
/// positions on a part of each head, queries, keys and values in one matrix, head by head.
/// <code>
/// tokens → embedding → [ + attention(norm₁ x) + down(gelu(up))(norm₂ x) ] × n → norm → head
/// </code>
/// </summary>
internal sealed class GptNeoX : DecoderFamily
{
    /// <inheritdoc/>
    public override string Name => "gpt_neox";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["gpt_neox"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> GgufArchitectures => ["gptneox"];

    /// <inheritdoc/>
    public override string Paper => "Black et al. 2022, \"GPT-NeoX-20B: An Open-Source Autoregressive Language Model\"";

    /// <inheritdoc/>
    public override string BasePrefix => "gpt_neox.";

    /// <inheritdoc/>
    public override string HuggingFaceClass => "GPTNeoXForCausalLM";

    /// <inheritdoc/>
    public override IReadOnlyList<string> KeysWithoutInfluence => ["attention_bias"];

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> AttributeMap { get; } = new Dictionary<string, string>
    {
        ["rope_theta"] = "rotary_emb_base",
        ["partial_rotary_factor"] = "rotary_pct",
    };

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        new("embedding.weight", "gpt_neox.embed_in.weight", "token_embd.weight"),
        .. WeightRow.Pair("layers.{n}.mixer_norm", "gpt_neox.layers.{n}.input_layernorm", "blk.{n}.attn_norm"),
        .. FusedRows.QueryKeyValue(FusedRows.Groups, "gpt_neox.layers.{n}.attention.query_key_value"),
        .. WeightRow.Pair("layers.{n}.attention.output", "gpt_neox.layers.{n}.attention.dense", "blk.{n}.attn_output"),
        .. WeightRow.Pair("layers.{n}.feed_forward_norm", "gpt_neox.layers.{n}.post_attention_layernorm", "blk.{n}.ffn_norm"),
        .. WeightRow.Pair("layers.{n}.feed_forward.up", "gpt_neox.layers.{n}.mlp.dense_h_to_4h", "blk.{n}.ffn_up"),
        .. WeightRow.Pair("layers.{n}.feed_forward.down", "gpt_neox.layers.{n}.mlp.dense_4h_to_h", "blk.{n}.ffn_down"),
        .. WeightRow.Pair("final_norm", "gpt_neox.final_layer_norm", "output_norm"),
        new("head.weight", "embed_out.weight", "output.weight"),
    ];

    /// <summary>Masks and tables that older writers save beside the weights.</summary>
    public override bool IsBuffer(string name) =>
        base.IsBuffer(name) || name.EndsWith(".attention.bias", StringComparison.Ordinal) || name.EndsWith(".attention.masked_bias", StringComparison.Ordinal);

    /// <inheritdoc/>
    protected override LayerSpec Layer(ConfigReader config) => base.Layer(config) with
    {
        Order = config.Flag("use_parallel_residual", absent: true) ? LayerOrder.ParallelTwoNorms : LayerOrder.PreNorm,
    };

    /// <inheritdoc/>
    protected override double? RotaryPartWhenAbsent => 0.25;

    /// <inheritdoc/>
    public override void Describe(DecoderSpec spec, ConfigWriter config)
    {
        base.Describe(spec, config);
        config.Set("use_parallel_residual", spec.Layers[0].Order == LayerOrder.ParallelTwoNorms);
    }
}
