using Caravan.Kernels;

namespace Caravan.Training;

/// <summary>What the loop itself can be told.</summary>
internal sealed record LoopOptions
{
    /// <summary>The L2 norm that all gradients together are clipped to (Pascanu et al. 2013); 0 for no clipping. 1 by default.</summary>
    public double MaxGradientNorm { get; init; } = 1;

    /// <summary>
    /// Whether layers keep only their inputs and are computed again on the way back (Chen et al. 2016): less memory, the same numbers, about a third
    /// more time. False by default.
    /// </summary>
    public bool RecomputeLayers { get; init; }

    /// <summary>How activations, and the gradients that go back, meet frozen quantized weights; exact by default.</summary>
    public ActivationPrecision Precision { get; init; }

    /// <summary>What dropout and noise are functions of, together with step and place: the same seed gives the same run. 0 by default.</summary>
    public ulong Seed { get; init; }
}
