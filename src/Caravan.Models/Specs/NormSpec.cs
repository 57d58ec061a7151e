namespace Caravan.Models;

/// <summary>A normalisation of rows.</summary>
/// <param name="Epsilon">Added to the mean square, or to the variance.</param>
internal sealed record NormSpec(float Epsilon)
{
    /// <summary>What is computed.</summary>
    public NormKind Kind { get; init; }

    /// <summary>Whether each feature is multiplied by a weight.</summary>
    public bool HasWeight { get; init; } = true;

    /// <summary>Whether a bias is added to each feature; only with <see cref="NormKind.Layer"/>.</summary>
    public bool HasBias { get; init; }

    /// <summary>What about it cannot be; null when it can.</summary>
    public string? Flaw => Epsilon >= 0 ? null : $"sets the norm's epsilon to {Epsilon}; it cannot be negative";

    /// <summary>A layer normalisation with weight and bias.</summary>
    public static NormSpec Layer(double epsilon, bool bias = true) => new((float)epsilon) { Kind = NormKind.Layer, HasBias = bias };
}
