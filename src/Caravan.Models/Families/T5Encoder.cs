namespace Caravan.Models;

/// <summary>
/// The encoder of a T5 alone, as text embedders and image generators use it.
/// <code>
/// tokens → embedding → [ + attention(norm x) → + feed-forward(norm x) ] × n → norm
/// </code>
/// </summary>
internal sealed class T5Encoder : Family
{
    private readonly T5 whole = new();

    /// <inheritdoc/>
    public override string Name => "t5-encoder";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["t5"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> GgufArchitectures => ["t5encoder"];

    /// <inheritdoc/>
    public override string Paper => whole.Paper;

    /// <inheritdoc/>
    public override string? BasePrefix => null;

    /// <inheritdoc/>
    public override string HuggingFaceClass => "T5EncoderModel";

    /// <inheritdoc/>
    public override IReadOnlyList<string> KeysWithoutInfluence => [.. whole.KeysWithoutInfluence, "num_decoder_layers", "decoder_start_token_id", "tie_word_embeddings"];

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> AttributeMap => whole.AttributeMap;

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights { get; } =
        [.. T5.EmbeddingRows, .. T5.StackRows("", "encoder.", "enc.", "DenseReluDense", isDecoder: false, gated: true)];

    /// <inheritdoc/>
    public override bool IsBuffer(string name) => whole.IsBuffer(name);

    /// <summary>Hugging Face names both by the same <c>model_type</c>; the class tells them apart.</summary>
    public override bool Recognises(IConfigSource config) => config.IsGguf || (config.Find("architectures") is string[] classes && classes.Contains(HuggingFaceClass));

    /// <inheritdoc/>
    public override EncoderSpec Spec(ConfigReader config) => whole.EncoderOf(config, "");

    /// <inheritdoc/>
    public override string? Inexpressible(StackSpec spec, bool gguf, WeightReader weights) =>
        !gguf && spec.Layers[0].ChannelMixer is not GatedMlpSpec ? "feed-forward blocks without a gate" : base.Inexpressible(spec, gguf, weights);

    /// <inheritdoc/>
    public override void Describe(StackSpec spec, ConfigWriter config) => whole.DescribeAlone((EncoderSpec)spec, config);
}
