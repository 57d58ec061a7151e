using Caravan.Kernels;

namespace Caravan.Models;

/// <summary>A gated feed-forward block: down(f(gate(x)) · up(x)).</summary>
internal sealed record GatedMlpSpec
{
    /// <summary>Width between the projections.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>f.</summary>
    public ActivationFunction Activation { get; init; } = ActivationFunction.Silu;

    /// <summary>Whether the three projections have biases.</summary>
    public bool Bias { get; init; }
}
