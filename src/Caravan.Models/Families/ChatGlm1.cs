namespace Caravan.Models;

/// <summary>
/// ChatGLM-6B, the first generation, a GLM: the tokens before the begin token all see each other; those from it on stand where the mask token stands
/// and are counted on their own, which turns the second half of each head. What is added to is the norm's result, α times.
/// <code>
/// tokens → embedding → [ x = norm x; α · x + attention(x); x = norm x; α · x + down(gelu(up))(x) ] × n → norm → head
/// </code>
/// </summary>
internal sealed class ChatGlm1 : DecoderFamily
{
    /// <summary>The key that only this generation's configurations have.</summary>
    internal const string WidthKey = "inner_hidden_size";

    private const string PlacesKey = "position_encoding_2d";

    /// <summary>The released code does not hand the number of layers down to where α = √(2 · layers) is computed: it is always that of 28.</summary>
    private static readonly float Alpha = MathF.Sqrt(2 * 28);

    /// <inheritdoc/>
    public override string Name => "chatglm-1";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["chatglm"];

    /// <summary>llama.cpp knows none.</summary>
    public override IReadOnlyList<string> GgufArchitectures => [];

    /// <inheritdoc/>
    public override string Paper => "Du et al. 2022, \"GLM: General Language Model Pretraining with Autoregressive Blank Infilling\"";

    /// <inheritdoc/>
    public override string BasePrefix => "transformer.";

    /// <inheritdoc/>
    public override string HuggingFaceClass => "ChatGLMModel";

    /// <inheritdoc/>
    public override IReadOnlyList<string> KeysWithoutInfluence => ["pre_seq_len", "prefix_projection", "quantization_bit"];

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> AttributeMap { get; } = new Dictionary<string, string>
    {
        ["max_position_embeddings"] = "max_sequence_length",
        ["num_hidden_layers"] = "num_layers",
        ["intermediate_size"] = WidthKey,
        ["layer_norm_eps"] = "layernorm_epsilon",
    };

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        new("embedding.weight", "transformer.word_embeddings.weight"),
        .. WeightRow.Pair("layers.{n}.mixer_norm", "transformer.layers.{n}.input_layernorm"),
        .. FusedRows.QueryKeyValue(FusedRows.Groups, "transformer.layers.{n}.attention.query_key_value"),
        .. WeightRow.Pair("layers.{n}.attention.output", "transformer.layers.{n}.attention.dense"),
        .. WeightRow.Pair("layers.{n}.feed_forward_norm", "transformer.layers.{n}.post_attention_layernorm"),
        .. WeightRow.Pair("layers.{n}.feed_forward.up", "transformer.layers.{n}.mlp.dense_h_to_4h"),
        .. WeightRow.Pair("layers.{n}.feed_forward.down", "transformer.layers.{n}.mlp.dense_4h_to_h"),
        .. WeightRow.Pair("final_norm", "transformer.final_layernorm"),
        new("head.weight", "lm_head.weight"),
    ];

    /// <inheritdoc/>
    protected override string ActivationWhenAbsent => "gelu_new";

    /// <inheritdoc/>
    public override bool Recognises(IConfigSource config) => config.Find(WidthKey) is not null;

    /// <inheritdoc/>
    public override DecoderSpec Spec(ConfigReader config)
    {
        if (!config.Flag(PlacesKey, absent: true)) throw config.Unsupported(PlacesKey, "false", "true");
        int mask = config.Integer("mask_token_id", absent: 150_000), everything = config.Integer("gmask_token_id", absent: 150_001);
        return base.Spec(config) with { Prefix = new PrefixSpec(config.Integer("bos_token_id", absent: 150_004), [everything, mask]) };
    }

    /// <inheritdoc/>
    protected override LayerSpec Layer(ConfigReader config) => base.Layer(config) with { Order = LayerOrder.NormedResidual, ResidualScale = Alpha };

    /// <inheritdoc/>
    protected override RotarySpec Rotary(ConfigReader config, int headSize) => RotaryKeys.Read(config, headSize / 2, RotaryLayoutOf(config), RotaryBaseWhenAbsent) with { Places = 2 };

    /// <inheritdoc/>
    public override void Describe(DecoderSpec spec, ConfigWriter config)
    {
        base.Describe(spec, config);
        if (spec.Prefix is not { } prefix) return;
        config.Set(PlacesKey, true);
        config.Set("bos_token_id", prefix.End);
        config.Set("gmask_token_id", prefix.Marks[0]);
        config.Set("mask_token_id", prefix.Marks[^1]);
    }
}
