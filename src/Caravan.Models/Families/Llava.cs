namespace Caravan.Models;

/// <summary>
/// LLaVA: LLaMA or Mistral that sees images through CLIP's tower.
/// <code>
/// image → squares + position → norm → layers → rows → linear → gelu → linear ┐
/// tokens → embedding, image tokens replaced ──────────────────────────────────→ layers → norm → head
/// </code>
/// </summary>
internal sealed class Llava : Family
{
    private static readonly Llama[] TextFamilies = [new Llama(), new Mistral()];

    /// <inheritdoc/>
    public override string Name => "llava";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["llava"];

    /// <summary>There the tower is a file of its own.</summary>
    public override IReadOnlyList<string> GgufArchitectures => [];

    /// <inheritdoc/>
    public override string Paper => "Liu et al. 2023, \"Improved Baselines with Visual Instruction Tuning\"";

    /// <inheritdoc/>
    public override string? BasePrefix => null;

    /// <inheritdoc/>
    public override string HuggingFaceClass => "LlavaForConditionalGeneration";

    /// <inheritdoc/>
    public override IReadOnlyList<string> KeysWithoutInfluence =>
        ["ignore_index", "image_seq_length", "vocab_size", "tie_word_embeddings", "transformers_version", "text_config.model_type", "vision_config.projection_dim", "vision_config.vocab_size"];

    /// <summary>Newer files begin with <c>model.</c> and keep the head outside.</summary>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        .. Rows("language_model.model.", "language_model.lm_head.weight", "vision_tower.vision_model", "multi_modal_projector"),
        .. Rows("model.language_model.", "lm_head.weight", "model.vision_tower.vision_model", "model.multi_modal_projector"),
    ];

    /// <inheritdoc/>
    public override bool IsBuffer(string name) => base.IsBuffer(name) || name.EndsWith("embeddings.position_ids", StringComparison.Ordinal);

    /// <inheritdoc/>
    public override DecoderSpec Spec(ConfigReader config)
    {
        string type = config.Text("text_config.model_type", absent: "llama");
        Llama text = TextFamilies.FirstOrDefault(family => family.ModelTypes.Contains(type))
            ?? throw config.Unsupported("text_config.model_type", type, [.. TextFamilies.SelectMany(family => family.ModelTypes)]);
        VisionSpec tower = ClipFamily.VisionOf(config);
        return text.Spec(config.Part("text_config", text.AttributeMap, TextDefaults(config, text))) with { Images = ImagesOf(config, tower) };
    }

    /// <summary>Which rows of the tower are taken: negative numbers count from behind its last layer.</summary>
    private static ImageInputSpec ImagesOf(ConfigReader config, VisionSpec tower)
    {
        int layer = config.Integer("vision_feature_layer", absent: -2), count = layer < 0 ? tower.Layers.Length + 1 + layer : layer;
        if (count < 0 || count > tower.Layers.Length) throw config.Unsupported("vision_feature_layer", $"{layer}", $"{-1 - tower.Layers.Length}", "…", $"{tower.Layers.Length}");
        string strategy = config.Text("vision_feature_select_strategy", absent: "default");
        if (strategy is not ("default" or "full")) throw config.Unsupported("vision_feature_select_strategy", strategy, "default", "full");
        return new ImageInputSpec(
            tower, count, strategy == "full", ActivationReader.Read(config, "projector_hidden_act", absent: "gelu"), config.Flag("multimodal_projector_bias", absent: true),
            config.Integer("image_token_index", absent: config.Integer("image_token_id", absent: 32000)));
    }

    /// <summary>What the text family's class takes where a key is missing.</summary>
    private static Dictionary<string, object> TextDefaults(ConfigReader config, Llama text)
    {
        bool mistral = text is Mistral;
        Dictionary<string, object> defaults = new(StringComparer.Ordinal)
        {
            ["hidden_size"] = 4096L, ["intermediate_size"] = mistral ? 14336L : 11008L, ["num_hidden_layers"] = 32L, ["num_attention_heads"] = 32L,
            ["vocab_size"] = 32000L, ["max_position_embeddings"] = mistral ? 131_072L : 2048L,
        };
        if (config.Text("transformers_version", absent: "") is { Length: > 0 } version) defaults["transformers_version"] = version;
        return defaults;
    }

    private static IEnumerable<WeightRow> Rows(string model, string head, string tower, string projector) =>
    [
        .. TextFamilies[0].Weights.Where(row => row.HuggingFace.Name.Length > 0).Select(row => row with
        {
            HuggingFace = row.HuggingFace with { Name = row.Name == "head.weight" ? head : string.Concat(model, row.HuggingFace.Name.AsSpan("model.".Length)) },
            Gguf = null,
            OlderGguf = null,
        }),
        .. ClipFamily.VisionRows(VisionLanguage.VisionPrefix, tower),
        .. WeightRow.Pair("projector.first", $"{projector}.linear_1"),
        .. WeightRow.Pair("projector.second", $"{projector}.linear_2"),
    ];
}
