namespace Caravan.Models;

/// <summary>
/// CLIP: a text and an image become vectors that are near where they belong together.
/// <code>
/// text  → embedding + position → [ + causal attention(norm x) → + down(quick gelu(up))(norm x) ] × n → norm → row of the end → linear
/// image → squares + position → norm → [ + attention(norm x) → + down(quick gelu(up))(norm x) ] × m → first row → norm → linear
/// </code>
/// </summary>
internal sealed class ClipFamily : Family
{
    /// <summary>The class's defaults of an image tower.</summary>
    private static readonly Dictionary<string, object> VisionDefaults = new(StringComparer.Ordinal)
    {
        ["hidden_size"] = 768L, ["intermediate_size"] = 3072L, ["num_hidden_layers"] = 12L, ["num_attention_heads"] = 12L, ["image_size"] = 224L, ["patch_size"] = 32L,
    };

    /// <summary>The class's defaults of a text tower.</summary>
    private static readonly Dictionary<string, object> TextDefaults = new(StringComparer.Ordinal)
    {
        ["hidden_size"] = 512L, ["intermediate_size"] = 2048L, ["num_hidden_layers"] = 12L, ["num_attention_heads"] = 8L, ["vocab_size"] = 49408L, ["max_position_embeddings"] = 77L,
    };

    /// <inheritdoc/>
    public override string Name => "clip";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["clip"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> GgufArchitectures => [];

    /// <inheritdoc/>
    public override string Paper => "Radford et al. 2021, \"Learning Transferable Visual Models From Natural Language Supervision\"";

    /// <inheritdoc/>
    public override string? BasePrefix => null;

    /// <inheritdoc/>
    public override string HuggingFaceClass => "CLIPModel";

    /// <inheritdoc/>
    public override IReadOnlyList<string> KeysWithoutInfluence =>
    [
        "logit_scale_init_value", "initializer_factor", "text_config.projection_dim", "vision_config.projection_dim", "text_config.initializer_factor", "vision_config.initializer_factor",
        "text_config_dict", "vision_config_dict",
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        new($"{Clip.TextPrefix}embedding.weight", "text_model.embeddings.token_embedding.weight"),
        new($"{Clip.TextPrefix}positions.weight", "text_model.embeddings.position_embedding.weight"),
        .. LayerRows(Clip.TextPrefix, "text_model.encoder"),
        .. WeightRow.Pair($"{Clip.TextPrefix}final_norm", "text_model.final_layer_norm"),
        new($"{Clip.TextPrefix}projection.weight", "text_projection.weight"),
        .. VisionRows(Clip.VisionPrefix, "vision_model"),
        new($"{Clip.VisionPrefix}projection.weight", "visual_projection.weight"),
        new("log_scale", "logit_scale"),
    ];

    /// <inheritdoc/>
    public override bool IsBuffer(string name) => name.EndsWith("embeddings.position_ids", StringComparison.Ordinal);

    /// <inheritdoc/>
    public override ClipSpec Spec(ConfigReader config)
    {
        ConfigReader text = config.Part("text_config", AttributeMap, TextDefaults);
        int size = text.Size("hidden_size"), context = text.Size("max_position_embeddings"), end = text.Integer("eos_token_id", absent: 49407);
        return new ClipSpec
        {
            VocabularySize = text.Size("vocab_size"),
            HiddenSize = size,
            ContextLength = context,
            Layers = Layers(text, bidirectional: false),
            Positions = new PositionSpec(context),
            FinalNorm = Norm(text),
            Vision = VisionOf(config),
            VectorSize = config.Size("projection_dim", absent: 512),
            EndToken = end == 2 ? null : end,
        };
    }

    /// <summary>The image tower under <c>vision_config</c>.</summary>
    internal static VisionSpec VisionOf(ConfigReader config)
    {
        ConfigReader vision = config.Part("vision_config", new Dictionary<string, string>(), VisionDefaults);
        if (vision.Text("model_type", absent: "clip_vision_model") is var kind && kind != "clip_vision_model") throw vision.Unsupported("model_type", kind, "clip_vision_model");
        NormSpec norm = Norm(vision);
        VisionSpec spec = new()
        {
            VocabularySize = 1,
            HiddenSize = vision.Size("hidden_size"),
            ContextLength = 1,
            ImageSize = vision.Size("image_size", most: 16_384),
            PatchSize = vision.Size("patch_size", most: 16_384),
            Channels = vision.Size("num_channels", absent: 3, most: 64),
            Layers = Layers(vision, bidirectional: true),
            EmbeddingNorm = norm,
            FinalNorm = norm,
        };
        return spec with { ContextLength = 1 + spec.Patches, Positions = new PositionSpec(1 + spec.Patches) };
    }

    /// <summary>The weights of an image tower. Its first norm is spelled so.</summary>
    internal static IEnumerable<WeightRow> VisionRows(string name, string there) =>
    [
        new($"{name}embedding.weight", $"{there}.embeddings.class_embedding"),
        new($"{name}patches.weight", $"{there}.embeddings.patch_embedding.weight"),
        new($"{name}positions.weight", $"{there}.embeddings.position_embedding.weight"),
        .. WeightRow.Pair($"{name}embedding_norm", $"{there}.pre_layrnorm"),
        .. LayerRows(name, $"{there}.encoder"),
        .. WeightRow.Pair($"{name}final_norm", $"{there}.post_layernorm"),
    ];

    private static IEnumerable<WeightRow> LayerRows(string name, string there)
    {
        string layer = $"{name}layers.{{n}}", block = $"{there}.layers.{{n}}";
        return
        [
            .. WeightRow.Pair($"{layer}.mixer_norm", $"{block}.layer_norm1"),
            .. WeightRow.Pair($"{layer}.attention.query", $"{block}.self_attn.q_proj"),
            .. WeightRow.Pair($"{layer}.attention.key", $"{block}.self_attn.k_proj"),
            .. WeightRow.Pair($"{layer}.attention.value", $"{block}.self_attn.v_proj"),
            .. WeightRow.Pair($"{layer}.attention.output", $"{block}.self_attn.out_proj"),
            .. WeightRow.Pair($"{layer}.feed_forward_norm", $"{block}.layer_norm2"),
            .. WeightRow.Pair($"{layer}.feed_forward.up", $"{block}.mlp.fc1"),
            .. WeightRow.Pair($"{layer}.feed_forward.down", $"{block}.mlp.fc2"),
        ];
    }

    private static NormSpec Norm(ConfigReader tower) => NormSpec.Layer(tower.Real("layer_norm_eps", absent: 1e-5));

    private static System.Collections.Immutable.ImmutableArray<LayerSpec> Layers(ConfigReader tower, bool bidirectional)
    {
        int heads = tower.Size("num_attention_heads");
        AttentionSpec attention = new()
        {
            Heads = heads, KeyValueHeads = heads, HeadSize = tower.Size("hidden_size") / heads, InputBias = true, OutputBias = true, Bidirectional = bidirectional,
        };
        MlpSpec mlp = new() { IntermediateSize = tower.Size("intermediate_size"), Activation = ActivationReader.Read(tower, "hidden_act", absent: "quick_gelu"), Bias = true };
        return [.. Enumerable.Repeat(new LayerSpec(Norm(tower), attention, mlp), tower.Size("num_hidden_layers", most: 100_000))];
    }
}
