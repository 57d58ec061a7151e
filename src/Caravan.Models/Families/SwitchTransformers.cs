namespace Caravan.Models;

/// <summary>
/// Switch Transformers: T5 in which every few layers' feed-forward blocks are experts, of which each token passes one, times its probability. The
/// capacity of experts, which bounds a training step's memory, drops no token here.
/// <code>
/// source → embedding → [ + attention(norm x) → + feed-forward or weight · expert(norm x) ] × n → norm → rows
/// target → embedding → [ + attention(norm x) → + attention to rows(norm x) → + feed-forward or weight · expert(norm x) ] × m → norm → head
/// </code>
/// </summary>
internal sealed class SwitchTransformers : T5
{
    /// <inheritdoc/>
    public override string Name => "switch-transformers";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["switch_transformers"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> GgufArchitectures => [];

    /// <inheritdoc/>
    public override string Paper => "Fedus et al. 2021, \"Switch Transformers: Scaling to Trillion Parameter Models with Simple and Efficient Sparsity\"";

    /// <inheritdoc/>
    public override string HuggingFaceClass => "SwitchTransformersForConditionalGeneration";

    /// <inheritdoc/>
    public override IReadOnlyList<string> KeysWithoutInfluence =>
    [
        .. base.KeysWithoutInfluence.Where(key => key != "dense_act_fn"), "add_router_probs", "expert_capacity", "router_dtype", "router_ignore_padding_tokens", "router_z_loss_coef",
        "router_type", "num_sparse_encoder_layers", "num_sparse_decoder_layers", "feed_forward_proj",
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        .. EmbeddingRows,
        .. StackRows(EncoderDecoder.EncoderPrefix, "encoder.", "", "mlp", isDecoder: false),
        .. ExpertRows(EncoderDecoder.EncoderPrefix, "encoder.block.{n}.layer.1.mlp"),
        .. StackRows("", "decoder.", "", "mlp", isDecoder: true),
        .. ExpertRows("", "decoder.block.{n}.layer.2.mlp"),
        new("head.weight", "lm_head.weight"),
    ];

    /// <summary>Every n-th layer is sparse; where only their number is told, they lie evenly.</summary>
    protected override ChannelMixerSpec ChannelMixerAt(ConfigReader config, int layer, bool isDecoder)
    {
        int encoderLayers = config.Size("num_hidden_layers"), layers = isDecoder ? config.Size("num_decoder_layers", absent: encoderLayers) : encoderLayers;
        string half = isDecoder ? "decoder" : "encoder";
        int sparse = config.Integer($"num_sparse_{half}_layers", absent: 3), step = config.Integer($"{half}_sparse_step", absent: sparse > 0 ? layers / sparse : layers);
        return step == 1 || (step > 1 && layer % step == 1) ? Experts(config) : ChannelMixer(config);
    }

    /// <inheritdoc/>
    protected override ChannelMixerSpec ChannelMixer(ConfigReader config) =>
        new MlpSpec { IntermediateSize = IntermediateSize(config), Activation = ActivationReader.Read(config, "dense_act_fn", absent: "relu") };

    private ExpertsSpec Experts(ConfigReader config) => new()
    {
        Count = config.Size("num_experts", absent: 8, most: 4096),
        PerToken = 1,
        Renormalised = false,
        Gated = false,
        RouterBias = config.Flag("router_bias", absent: false),
        IntermediateSize = IntermediateSize(config),
        Activation = ActivationReader.Read(config, "dense_act_fn", absent: "relu"),
    };

    private static IEnumerable<WeightRow> ExpertRows(string name, string block) =>
    [
        new($"{name}layers.{{n}}.feed_forward.router.weight", $"{block}.router.classifier.weight"),
        new($"{name}layers.{{n}}.feed_forward.router.bias", $"{block}.router.classifier.bias"),
        new($"{name}layers.{{n}}.feed_forward.experts.{{e}}.up.weight", $"{block}.experts.expert_{{e}}.wi.weight"),
        new($"{name}layers.{{n}}.feed_forward.experts.{{e}}.down.weight", $"{block}.experts.expert_{{e}}.wo.weight"),
    ];
}
