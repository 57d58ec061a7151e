namespace Caravan.Training;

/// <summary>What the loop itself can be told.</summary>
internal sealed record LoopOptions
{
    /// <summary>The L2 norm that all gradients together are clipped to (Pascanu et al. 2013); 0 for no clipping. 1 by default.</summary>
    public double MaxGradientNorm { get; init; } = 1;
}
