namespace Caravan.Models;

/// <summary>Vectors, one for each position, that are added to the token embeddings: learned ones (Gehring et al. 2017), or sinusoids.</summary>
/// <param name="Rows">Rows of the table of learned vectors.</param>
/// <param name="Offset">The row of position 0.</param>
internal sealed record PositionSpec(int Rows, int Offset = 0)
{
    /// <summary>
    /// For sinusoids (Vaswani et al. 2017, §3.5): the sines of row · 10000^(−i/this) for i = 0 … D/2 − 1, then their cosines; 0 for learned vectors.
    /// </summary>
    public int SinusoidSteps { get; init; }

    /// <summary>Positions that there are: sinusoids do not end.</summary>
    public int Count => SinusoidSteps > 0 ? int.MaxValue : Rows - Offset;
}
