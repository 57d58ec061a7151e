namespace Caravan.Models;

/// <summary>
/// BART: an encoder and a decoder with norms after each part, learned positions that begin at row 2, and a norm of the embedding.
/// <code>
/// source → embedding + position → norm → [ norm(x + attention x) → norm(x + down(gelu(up)) x) ] × n → rows
/// target → embedding + position → norm → [ norm(x + attention x) → norm(x + attention to rows) → norm(x + down(gelu(up)) x) ] × m → head
/// </code>
/// </summary>
internal sealed class Bart : DecoderFamily
{
    /// <summary>Rows of the table of positions before that of position 0.</summary>
    private const int PositionOffset = 2;

    /// <inheritdoc/>
    public override string Name => "bart";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["bart"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> GgufArchitectures => [];

    /// <inheritdoc/>
    public override string Paper => "Lewis et al. 2020, \"BART: Denoising Sequence-to-Sequence Pre-training for Natural Language Generation, Translation, and Comprehension\"";

    /// <inheritdoc/>
    public override string HuggingFaceClass => "BartForConditionalGeneration";

    /// <summary>Settings of generation, and switches of other programs that transformers' class has not.</summary>
    public override IReadOnlyList<string> KeysWithoutInfluence =>
    [
        "num_hidden_layers", "encoder_layerdrop", "decoder_layerdrop", "forced_eos_token_id", "num_beams", "early_stopping", "length_penalty", "min_length", "no_repeat_ngram_size",
        "normalize_before", "normalize_embedding", "add_bias_logits", "add_final_layer_norm", "static_position_embeddings", "extra_pos_embeddings", "classif_dropout", "prefix",
    ];

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> AttributeMap { get; } = new Dictionary<string, string>
    {
        ["hidden_size"] = "d_model",
        ["num_hidden_layers"] = "decoder_layers",
        ["num_attention_heads"] = "decoder_attention_heads",
        ["intermediate_size"] = "decoder_ffn_dim",
        ["hidden_act"] = "activation_function",
    };

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        new("embedding.weight", "model.shared.weight"),
        new("embedding.weight", "model.encoder.embed_tokens.weight"),
        .. StackRows(EncoderDecoder.EncoderPrefix, "model.encoder."),
        .. StackRows("", "model.decoder."),
        new("head.weight", "lm_head.weight"),
        new("head.bias", "final_logits_bias"),
    ];

    /// <summary>Copies of the embedding.</summary>
    public override bool IsBuffer(string name) => name.EndsWith(".embed_tokens.weight", StringComparison.Ordinal);

    /// <inheritdoc/>
    protected override int ContextWhenAbsent => 1024;

    /// <inheritdoc/>
    public override DecoderSpec Spec(ConfigReader config)
    {
        DecoderSpec spec = base.Spec(config);
        LayerSpec layer = spec.Layers[0];
        AttentionSpec attention = (AttentionSpec)layer.SequenceMixer;
        int heads = config.Size("encoder_attention_heads", absent: 16);
        LayerSpec encoderLayer = layer with
        {
            SequenceMixer = attention with { Heads = heads, KeyValueHeads = heads, HeadSize = spec.HiddenSize / heads, Bidirectional = true },
            ChannelMixer = (MlpSpec)layer.ChannelMixer with { IntermediateSize = config.Size("encoder_ffn_dim", absent: 4096) },
        };
        spec = spec with
        {
            Layers = [.. spec.Layers.Select(own => own with { CrossAttention = attention })],
            EmbeddingScale = config.Flag("scale_embedding", absent: false) ? MathF.Sqrt(spec.HiddenSize) : 1,
            Positions = new PositionSpec(spec.ContextLength + PositionOffset, PositionOffset),
            EmbeddingNorm = spec.FinalNorm,
            FinalNorm = null,
            HeadBias = config.Weights.Has("head.bias"),
            StartToken = config.Integer("decoder_start_token_id", absent: 2),
            ForcedToken = config.OptionalInteger("forced_bos_token_id", absent: null),
        };
        return spec with
        {
            Encoder = new EncoderSpec
            {
                VocabularySize = spec.VocabularySize,
                HiddenSize = spec.HiddenSize,
                ContextLength = spec.ContextLength,
                Layers = [.. Enumerable.Repeat(encoderLayer, config.Size("encoder_layers", absent: 12, most: 100_000))],
                EmbeddingScale = spec.EmbeddingScale,
                Positions = spec.Positions,
                EmbeddingNorm = spec.EmbeddingNorm,
            },
        };
    }

    /// <summary>The epsilon is no key of the configuration.</summary>
    protected override NormSpec Norm(ConfigReader config) => NormSpec.Layer(NormEpsilonWhenAbsent);

    /// <inheritdoc/>
    protected override LayerSpec Layer(ConfigReader config) => base.Layer(config) with { Order = LayerOrder.PostNorm };

    /// <inheritdoc/>
    protected override RotarySpec? Rotary(ConfigReader config, int headSize) => null;

    private static IEnumerable<WeightRow> StackRows(string name, string there)
    {
        string layer = $"{name}layers.{{n}}", block = $"{there}layers.{{n}}";
        return
        [
            new($"{name}positions.weight", $"{there}embed_positions.weight"),
            .. WeightRow.Pair($"{name}embedding_norm", $"{there}layernorm_embedding"),
            .. AttentionRows($"{layer}.attention", $"{block}.self_attn"),
            .. WeightRow.Pair($"{layer}.mixer_norm", $"{block}.self_attn_layer_norm"),
            .. AttentionRows($"{layer}.cross_attention", $"{block}.encoder_attn"),
            .. WeightRow.Pair($"{layer}.cross_norm", $"{block}.encoder_attn_layer_norm"),
            .. WeightRow.Pair($"{layer}.feed_forward.up", $"{block}.fc1"),
            .. WeightRow.Pair($"{layer}.feed_forward.down", $"{block}.fc2"),
            .. WeightRow.Pair($"{layer}.feed_forward_norm", $"{block}.final_layer_norm"),
        ];
    }

    private static IEnumerable<WeightRow> AttentionRows(string name, string there) =>
    [
        .. WeightRow.Pair($"{name}.query", $"{there}.q_proj"),
        .. WeightRow.Pair($"{name}.key", $"{there}.k_proj"),
        .. WeightRow.Pair($"{name}.value", $"{there}.v_proj"),
        .. WeightRow.Pair($"{name}.output", $"{there}.out_proj"),
    ];
}
