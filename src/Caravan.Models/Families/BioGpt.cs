namespace Caravan.Models;

/// <summary>
/// BioGPT: XGLM with learned positions.
/// <code>
/// tokens → √D · embedding + position → [ + attention(norm x) → + down(gelu(up))(norm x) ] × n → norm → head
/// </code>
/// </summary>
internal sealed class BioGpt : Xglm
{
    /// <inheritdoc/>
    public override string Name => "biogpt";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["biogpt"];

    /// <inheritdoc/>
    public override string Paper => "Luo et al. 2022, \"BioGPT: Generative Pre-trained Transformer for Biomedical Text Generation and Mining\"";

    /// <inheritdoc/>
    public override string BasePrefix => "biogpt.";

    /// <inheritdoc/>
    public override string HuggingFaceClass => "BioGptForCausalLM";

    /// <inheritdoc/>
    public override IReadOnlyList<string> KeysWithoutInfluence => ["layer_norm_eps"];

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> AttributeMap { get; } = new Dictionary<string, string>();

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        .. LayerWeights("biogpt."),
        new("positions.weight", "biogpt.embed_positions.weight"),
        new("head.weight", "output_projection.weight"),
    ];

    /// <inheritdoc/>
    protected override int ContextWhenAbsent => 1024;

    /// <inheritdoc/>
    public override DecoderSpec Spec(ConfigReader config)
    {
        DecoderSpec spec = base.Spec(config);
        return spec with { Positions = spec.Positions! with { SinusoidSteps = 0 } };
    }
}
