using Caravan.Kernels;

namespace Caravan.Models;

/// <summary>
/// Gemma: LLaMA with norms that multiply by 1 + w, embeddings multiplied by √hidden, heads of a size of their own, and a GELU gate. Hugging Face
/// stores w, GGUF 1 + w.
/// <code>
/// tokens → √h · embedding → [ + attention(norm x) → + down(gelu(gate) · up)(norm x) ] × n → norm → embeddingᵀ
/// </code>
/// </summary>
internal sealed class Gemma : LlamaKin
{
    /// <inheritdoc/>
    public override string Name => "gemma";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["gemma"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> GgufArchitectures => ["gemma"];

    /// <inheritdoc/>
    public override string Paper => "Gemma Team 2024, \"Gemma: Open Models Based on Gemini Research and Technology\"";

    /// <inheritdoc/>
    public override RotaryLayout GgufRotary => RotaryLayout.HalfSplit;

    /// <summary><c>hidden_act</c> is what the first configurations had; the reference looks at <c>hidden_activation</c> alone.</summary>
    public override IReadOnlyList<string> KeysWithoutInfluence => [.. base.KeysWithoutInfluence, "hidden_act"];

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> AttributeMap { get; } = new Dictionary<string, string> { ["hidden_act"] = "hidden_activation" };

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        .. DenseWeights.Select(row => row.Name.Contains("norm.", StringComparison.Ordinal)
            ? row with { HuggingFace = row.HuggingFace with { Map = ElementMap.PlusOne } }
            : row),
    ];

    /// <inheritdoc/>
    protected override string ActivationWhenAbsent => "gelu_pytorch_tanh";

    /// <inheritdoc/>
    protected override int HeadSizeWhenAbsent(ConfigReader config, int heads) => 256;

    /// <inheritdoc/>
    public override DecoderSpec Spec(ConfigReader config)
    {
        DecoderSpec spec = base.Spec(config);
        return spec with { EmbeddingScale = MathF.Sqrt(spec.HiddenSize) };
    }
}
