namespace Caravan.Models;

/// <summary>Two towers, one for texts and one for images, whose vectors are compared. What is inherited describes that for texts.</summary>
internal sealed record ClipSpec : StackSpec
{
    /// <summary>The tower for images.</summary>
    public required VisionSpec Vision { get; init; }

    /// <summary>Features of the vectors that are compared.</summary>
    public required int VectorSize { get; init; }

    /// <summary>The token at whose place the text's vector is taken; null for the largest token number, as older checkpoints mean it.</summary>
    public int? EndToken { get; init; }

    /// <summary>The tower for texts.</summary>
    public EncoderSpec Text => new()
    {
        VocabularySize = VocabularySize,
        HiddenSize = HiddenSize,
        ContextLength = ContextLength,
        Layers = Layers,
        Positions = Positions,
        FinalNorm = FinalNorm,
    };

    /// <inheritdoc/>
    public override StackSpec WithoutLayers => this with { Layers = [], Vision = (VisionSpec)Vision.WithoutLayers };

    /// <inheritdoc/>
    public override string? Flaw => base.Flaw ?? Vision.Flaw;

    /// <inheritdoc/>
    public override Network Build(WeightReader weights) => new Clip(this, weights);
}
