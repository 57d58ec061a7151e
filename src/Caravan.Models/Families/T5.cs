using Caravan.Kernels;

namespace Caravan.Models;

/// <summary>
/// T5 1.0 and UL2: an encoder and a decoder with RMS norms before each part, unscaled scores, and learned biases by distance, which
/// the first layer's weights give to all.
/// <code>
/// source → embedding → [ + attention(norm x) → + feed-forward(norm x) ] × n → norm → rows
/// target → embedding → [ + attention(norm x) → + attention to rows(norm x) → + feed-forward(norm x) ] × m → norm → head
/// </code>
/// </summary>
internal class T5(bool gated) : DecoderFamily
{
    private const string DecoderLayersKey = "num_decoder_layers", BucketsKey = "relative_attention_num_buckets", StartKey = "decoder_start_token_id";
    private const string MaxDistanceKey = "relative_attention_max_distance", FeedForwardKey = "feed_forward_proj", Gated = "gated";

    /// <summary>T5 1.0, whose feed-forward blocks have no gate.</summary>
    public T5()
        : this(gated: false)
    {
    }

    /// <inheritdoc/>
    public override string Name => "t5";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["t5"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> GgufArchitectures => ["t5"];

    /// <inheritdoc/>
    public override string Paper => "Raffel et al. 2020, \"Exploring the Limits of Transfer Learning with a Unified Text-to-Text Transformer\"";

    /// <inheritdoc/>
    public override string? BasePrefix => null;

    /// <inheritdoc/>
    public override string HuggingFaceClass => "T5ForConditionalGeneration";

    /// <summary>The first two follow from <c>feed_forward_proj</c>.</summary>
    public override IReadOnlyList<string> KeysWithoutInfluence => ["dense_act_fn", "is_gated_act", "initializer_factor", "dropout_rate", "output_past"];

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> AttributeMap { get; } = new Dictionary<string, string>
    {
        ["hidden_size"] = "d_model",
        ["num_hidden_layers"] = "num_layers",
        ["num_attention_heads"] = "num_heads",
        ["head_dim"] = "d_kv",
        ["intermediate_size"] = "d_ff",
        ["rms_norm_eps"] = "layer_norm_epsilon",
        ["max_position_embeddings"] = "n_positions",
    };

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        .. EmbeddingRows,
        .. StackRows(EncoderDecoder.EncoderPrefix, "encoder.", "enc.", "DenseReluDense", isDecoder: false, gated),
        .. StackRows("", "decoder.", "dec.", "DenseReluDense", isDecoder: true, gated),
        new("head.weight", "lm_head.weight", "output.weight"),
    ];

    /// <summary>The token embedding's names; older writers have one for each half.</summary>
    internal static IEnumerable<WeightRow> EmbeddingRows =>
    [
        new("embedding.weight", "shared.weight", "token_embd.weight"),
        new("embedding.weight", "encoder.embed_tokens.weight", "token_embd.weight"),
    ];

    /// <summary>The weights of one half.</summary>
    /// <param name="name">What stands before their canonical names.</param>
    /// <param name="huggingFace">And before Hugging Face's.</param>
    /// <param name="gguf">And before GGUF's.</param>
    /// <param name="feedForward">Hugging Face's name of the feed-forward block.</param>
    /// <param name="isDecoder">Whether there is attention to the other half.</param>
    /// <param name="gated">Whether feed-forward blocks are written as those with a gate are; both are read.</param>
    internal static IEnumerable<WeightRow> StackRows(string name, string huggingFace, string gguf, string feedForward, bool isDecoder, bool gated = false)
    {
        string layer = $"{name}layers.{{n}}", there = $"{huggingFace}block.{{n}}.layer", block = $"{gguf}blk.{{n}}", last = isDecoder ? $"{there}.2" : $"{there}.1";
        return
        [
            new($"{layer}.mixer_norm.weight", $"{there}.0.layer_norm.weight", $"{block}.attn_norm.weight"),
            .. AttentionRows($"{layer}.attention", $"{there}.0.SelfAttention", $"{block}.attn"),
            new($"{layer}.attention.relative_bias.weight", $"{there}.0.SelfAttention.relative_attention_bias.weight", $"{block}.attn_rel_b.weight"),
            new($"{layer}.cross_norm.weight", $"{there}.1.layer_norm.weight", $"{block}.cross_attn_norm.weight"),
            .. AttentionRows($"{layer}.cross_attention", $"{there}.1.EncDecAttention", $"{block}.cross_attn"),
            new($"{layer}.feed_forward_norm.weight", $"{last}.layer_norm.weight", $"{block}.ffn_norm.weight"),
            new($"{layer}.feed_forward.gate.weight", $"{last}.{feedForward}.wi_0.weight", $"{block}.ffn_gate.weight"),
            new($"{layer}.feed_forward.up.weight", $"{last}.{feedForward}.{(gated ? "wi_1" : "wi")}.weight", $"{block}.ffn_up.weight"),
            new($"{layer}.feed_forward.up.weight", $"{last}.{feedForward}.{(gated ? "wi" : "wi_1")}.weight", $"{block}.ffn_up.weight"),
            new($"{layer}.feed_forward.down.weight", $"{last}.{feedForward}.wo.weight", $"{block}.ffn_down.weight"),
            new($"{name}final_norm.weight", $"{huggingFace}final_layer_norm.weight", $"{gguf}output_norm.weight"),
        ];
    }

    private static IEnumerable<WeightRow> AttentionRows(string name, string there, string gguf) =>
    [
        new($"{name}.query.weight", $"{there}.q.weight", $"{gguf}_q.weight"),
        new($"{name}.key.weight", $"{there}.k.weight", $"{gguf}_k.weight"),
        new($"{name}.value.weight", $"{there}.v.weight", $"{gguf}_v.weight"),
        new($"{name}.output.weight", $"{there}.o.weight", $"{gguf}_o.weight"),
    ];

    /// <summary>Copies of the embedding, and biases of the attention between the halves, which older writers save and nobody uses.</summary>
    public override bool IsBuffer(string name) =>
        name.EndsWith(".embed_tokens.weight", StringComparison.Ordinal) || name.EndsWith("EncDecAttention.relative_attention_bias.weight", StringComparison.Ordinal);

    /// <summary>What the feed-forward block is where the configuration does not say.</summary>
    protected virtual string FeedForwardWhenAbsent => "relu";

    /// <summary>Whether transformers gives each layer biases of its own under this family's name.</summary>
    protected virtual bool BiasesInEveryLayer => false;

    /// <inheritdoc/>
    protected override int ContextWhenAbsent => 512;

    /// <inheritdoc/>
    protected override double NormEpsilonWhenAbsent => 1e-6;

    /// <summary>A head that is the embedding's matrix gets its input scaled down.</summary>
    public override DecoderSpec Spec(ConfigReader config)
    {
        DecoderSpec spec = base.Spec(config);
        return spec with
        {
            LogitScale = spec.TiedHead ? 1 / MathF.Sqrt(spec.HiddenSize) : 1,
            StartToken = config.Integer(StartKey, absent: config.Integer("pad_token_id", absent: 0)),
            Encoder = EncoderOf(config, EncoderDecoder.EncoderPrefix),
        };
    }

    /// <summary>The encoder, whose weights' canonical names begin with a prefix.</summary>
    internal EncoderSpec EncoderOf(ConfigReader config, string prefix) => new()
    {
        VocabularySize = config.Size("vocab_size", absent: config.Weights.Rows("embedding.weight")),
        HiddenSize = config.Size("hidden_size"),
        ContextLength = config.Size("max_position_embeddings", absent: ContextWhenAbsent, most: int.MaxValue),
        Layers = [.. Enumerable.Range(0, config.Size("num_hidden_layers", most: 100_000)).Select(layer => LayerAt(config, layer, prefix, isDecoder: false))],
        FinalNorm = Norm(config),
    };

    /// <inheritdoc/>
    protected override NormSpec Norm(ConfigReader config) => new((float)config.Real("rms_norm_eps", absent: NormEpsilonWhenAbsent));

    /// <inheritdoc/>
    protected override IEnumerable<LayerSpec> Layers(ConfigReader config, int count) =>
        Enumerable.Range(0, config.Size(DecoderLayersKey, absent: count, most: 100_000)).Select(layer => LayerAt(config, layer, "", isDecoder: true));

    /// <inheritdoc/>
    protected override AttentionSpec Attention(ConfigReader config) => base.Attention(config) with { Scale = 1 };

    /// <inheritdoc/>
    protected override RotarySpec? Rotary(ConfigReader config, int headSize) => null;

    /// <inheritdoc/>
    protected override int IntermediateSize(ConfigReader config) => config.Size("intermediate_size");

    /// <summary>The feed-forward block of a layer.</summary>
    protected virtual ChannelMixerSpec ChannelMixerAt(ConfigReader config, int layer, bool isDecoder) => ChannelMixer(config);

    /// <summary><c>gated-gelu</c> has always meant the tanh form. GGUF has no key: gated blocks have it, others ReLU.</summary>
    protected override ChannelMixerSpec ChannelMixer(ConfigReader config)
    {
        string kind = config.IsGguf ? config.Weights.Has("layers.0.feed_forward.gate.weight") ? "gated-gelu" : "relu" : config.Text(FeedForwardKey, absent: FeedForwardWhenAbsent);
        string[] words = kind.Split('-');
        ActivationFunction activation = ActivationReader.Of(config, FeedForwardKey, kind == "gated-gelu" ? "gelu_new" : words[^1]);
        if (words.Length > 2 || (words.Length == 2 && words[0] != Gated)) throw config.Unsupported(FeedForwardKey, kind, "relu", "gated-gelu", "gated-silu");
        return words.Length == 2
            ? new GatedMlpSpec { IntermediateSize = IntermediateSize(config), Activation = activation }
            : new MlpSpec { IntermediateSize = IntermediateSize(config), Activation = activation };
    }

    private LayerSpec LayerAt(ConfigReader config, int layer, string prefix, bool isDecoder)
    {
        AttentionSpec attention = Attention(config);
        bool own = config.Weights.Has($"{prefix}layers.{layer}.attention.relative_bias.weight");
        RelativeBiasSpec bias = new(
            attention.Heads, config.Size(BucketsKey, absent: 32, most: 65_536), config.Size(MaxDistanceKey, absent: 128, most: 1 << 20), !isDecoder, own ? layer : 0);
        return new LayerSpec(Norm(config), attention with { Bidirectional = !isDecoder, RelativeBias = bias }, ChannelMixerAt(config, layer, isDecoder))
        {
            CrossAttention = isDecoder ? attention : null,
        };
    }

    /// <inheritdoc/>
    public override void Describe(DecoderSpec spec, ConfigWriter config)
    {
        base.Describe(spec, config);
        config.Set("num_hidden_layers", spec.Encoder!.Layers.Length);
        config.Set(DecoderLayersKey, spec.Layers.Length);
        config.Set(StartKey, spec.StartToken);
        if (!config.IsGguf) config.Set("is_encoder_decoder", true);
    }

    /// <summary>The keys of a half that stands alone.</summary>
    internal void DescribeAlone(EncoderSpec spec, ConfigWriter config) => DescribeStack(spec, config);

    /// <inheritdoc/>
    protected override void Describe(AttentionSpec attention, ConfigWriter config)
    {
        base.Describe(attention, config);
        config.Set("head_dim", attention.HeadSize);
        config.Set(BucketsKey, attention.RelativeBias!.Buckets);
        if (!config.IsGguf) config.Set(MaxDistanceKey, attention.RelativeBias.MaxDistance);
    }

    /// <inheritdoc/>
    protected override void Describe(ChannelMixerSpec mixer, ConfigWriter config)
    {
        config.Set("intermediate_size", mixer.IntermediateWidth);
        if (config.IsGguf) return;
        if (mixer is GatedMlpSpec gated) config.Set(FeedForwardKey, gated.Activation == ActivationFunction.GeluTanh ? "gated-gelu" : $"{Gated}-{ActivationReader.NameOf(gated.Activation)}");
        else if (mixer is MlpSpec plain) config.Set(FeedForwardKey, ActivationReader.NameOf(plain.Activation));
    }

    /// <inheritdoc/>
    public override string? Inexpressible(DecoderSpec spec, bool gguf, WeightReader weights)
    {
        bool own = spec.Layers.Concat(spec.Encoder!.Layers).Any(layer => layer.SequenceMixer is AttentionSpec { RelativeBias.Layer: > 0 });
        if (!gguf && own != BiasesInEveryLayer) return own ? "biases of its own in every layer" : "biases that all layers share";
        if (!gguf && spec.Layers[0].ChannelMixer is GatedMlpSpec != gated) return gated ? "feed-forward blocks without a gate" : "feed-forward blocks with a gate";
        return base.Inexpressible(spec, gguf, weights);
    }
}
