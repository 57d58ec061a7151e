using Caravan.Kernels;

namespace Caravan.Models;

/// <summary>
/// ChatGLM 2 and 3 and GLM-4: LLaMA with queries, keys and values in one matrix with bias, gate and up in another, and pairs of neighbours rotated
/// in the first half of each head. The base of the rotation is 10000 times a ratio (ChatGLM2-6B-32K
/// divides positions by it instead, and is known by its name alone: no other key tells it from the third generation).
/// </summary>
internal class ChatGlm : LlamaKin
{
    private const string RatioKey = "rope_ratio", NameKey = "_name_or_path", RmsKey = "rmsnorm", LastNormKey = "post_layer_norm";
    private const string NormedResidualKey = "apply_residual_connection_post_layernorm", EpsilonKey = "layernorm_epsilon";

    /// <summary>The key that says whether queries share keys in groups.</summary>
    protected const string SharedKeysKey = "multi_query_attention";

    /// <inheritdoc/>
    public override string Name => "chatglm";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["chatglm"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> GgufArchitectures => ["chatglm"];

    /// <inheritdoc/>
    public override string Paper => "GLM Team 2024, \"ChatGLM: A Family of Large Language Models from GLM-130B to GLM-4 All Tools\"";

    /// <inheritdoc/>
    public override string BasePrefix => "transformer.";

    /// <inheritdoc/>
    public override string HuggingFaceClass => "ChatGLMModel";

    /// <inheritdoc/>
    public override RotaryLayout HuggingFaceRotary => RotaryLayout.Interleaved;

    /// <inheritdoc/>
    public override IReadOnlyList<string> KeysWithoutInfluence =>
    [
        .. base.KeysWithoutInfluence, "add_bias_linear", "add_qkv_bias", "apply_query_key_layer_scaling", "attention_softmax_in_fp32", "bias_dropout_fusion",
        "fp32_residual_connection", "interleaved_qkv", "original_rope", "pre_seq_len", "prefix_projection", "quantization_bit", "vocab_size", "rope_theta", SharedKeysKey,
    ];

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> AttributeMap { get; } = new Dictionary<string, string>
    {
        ["vocab_size"] = "padded_vocab_size",
        ["max_position_embeddings"] = "seq_length",
        ["num_hidden_layers"] = "num_layers",
        ["num_key_value_heads"] = "multi_query_group_num",
        ["head_dim"] = "kv_channels",
        ["intermediate_size"] = "ffn_hidden_size",
        ["rms_norm_eps"] = EpsilonKey,
        ["layer_norm_eps"] = EpsilonKey,
    };

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        new("embedding.weight", "transformer.embedding.word_embeddings.weight", "token_embd.weight"),
        .. WeightRow.Pair("layers.{n}.mixer_norm", "transformer.encoder.layers.{n}.input_layernorm", "blk.{n}.attn_norm"),
        .. FusedRows.QueryKeyValue(FusedRows.Blocks, "transformer.encoder.layers.{n}.self_attention.query_key_value"),
        .. WeightRow.Pair("layers.{n}.attention.output", "transformer.encoder.layers.{n}.self_attention.dense", "blk.{n}.attn_output"),
        .. WeightRow.Pair("layers.{n}.feed_forward_norm", "transformer.encoder.layers.{n}.post_attention_layernorm", "blk.{n}.ffn_norm"),
        .. GateUp("gate", 0),
        .. GateUp("up", 1),
        .. WeightRow.Pair("layers.{n}.feed_forward.down", "transformer.encoder.layers.{n}.mlp.dense_4h_to_h", "blk.{n}.ffn_down"),
        .. WeightRow.Pair("final_norm", "transformer.encoder.final_layernorm", "output_norm"),
        new("head.weight", "transformer.output_layer.weight", "output.weight"),
        new("rotary_divisors", "", "rope_freqs.weight"),
    ];

    /// <inheritdoc/>
    protected override double NormEpsilonWhenAbsent => 1e-5;

    /// <inheritdoc/>
    public override bool IsBuffer(string name) => name.EndsWith("rotary_pos_emb.inv_freq", StringComparison.Ordinal);

    /// <summary>The first generation has the same name and other keys; without shared keys it is <see cref="ChatGlmByHead"/>.</summary>
    public override bool Recognises(IConfigSource config) => config.IsGguf || (config.Find(ChatGlm1.WidthKey) is null && config.Find(SharedKeysKey) is true);

    /// <inheritdoc/>
    public override DecoderSpec Spec(ConfigReader config)
    {
        DecoderSpec spec = base.Spec(config);
        return config.Flag(LastNormKey, absent: true) ? spec : spec with { FinalNorm = null };
    }

    /// <inheritdoc/>
    protected override NormSpec Norm(ConfigReader config) => config.Flag(RmsKey, absent: true) ? base.Norm(config) : NormSpec.Layer(config.Real("layer_norm_eps", absent: NormEpsilonWhenAbsent));

    /// <inheritdoc/>
    protected override LayerSpec Layer(ConfigReader config) => base.Layer(config) with
    {
        Order = config.Flag(NormedResidualKey, absent: false) ? LayerOrder.NormedResidual : LayerOrder.PreNorm,
    };

    /// <inheritdoc/>
    protected override int KeyValueHeads(ConfigReader config, int heads) => config.Size("num_key_value_heads", absent: config.IsGguf ? heads : 1);

    /// <inheritdoc/>
    protected override int HeadSizeWhenAbsent(ConfigReader config, int heads) => config.IsGguf ? base.HeadSizeWhenAbsent(config, heads) : 128;

    /// <inheritdoc/>
    protected override RotarySpec? Rotary(ConfigReader config, int headSize)
    {
        RotarySpec rotary = RotaryKeys.Read(config, headSize, RotaryLayoutOf(config), RotaryBaseWhenAbsent, share: 0.5);
        double ratio = config.IsGguf ? 1 : config.Real(RatioKey, absent: 1);
        if (ratio == 1) return rotary;
        return config.Text(NameKey, absent: "").Contains("chatglm2", StringComparison.OrdinalIgnoreCase)
            ? rotary with { Scaling = new LinearScaling(ratio) }
            : rotary with { Base = RotaryBaseWhenAbsent * ratio };
    }

    /// <inheritdoc/>
    public override void Describe(DecoderSpec spec, ConfigWriter config)
    {
        base.Describe(spec, config);
        if (config.IsGguf) return;
        config.Set(LastNormKey, spec.FinalNorm is not null);
        config.Set(RmsKey, spec.Layers[0].Norm.Kind == NormKind.Rms);
        config.Set(NormedResidualKey, spec.Layers[0].Order == LayerOrder.NormedResidual);
        config.Set(SharedKeysKey, true);
        if (spec.Rotaries.FirstOrDefault() is { } rotary) config.Set(RatioKey, rotary.Base / RotaryBaseWhenAbsent);
    }

    private static IEnumerable<WeightRow> GateUp(string part, int half) => ((string[])["weight", "bias"]).Select(kind => new WeightRow(
        $"layers.{{n}}.feed_forward.{part}.{kind}", FusedRows.GateUp($"transformer.encoder.layers.{{n}}.mlp.dense_h_to_4h.{kind}", half),
        FusedRows.GateUp($"blk.{{n}}.ffn_up.{kind}", half)));
}
