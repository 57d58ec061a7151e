namespace Caravan.Models;

/// <summary>Learned vectors, one for each position, that are added to the token embeddings (Gehring et al. 2017).</summary>
/// <param name="Rows">Rows of the table.</param>
/// <param name="Offset">The row of position 0.</param>
internal sealed record PositionSpec(int Rows, int Offset = 0)
{
    /// <summary>Positions that there are.</summary>
    public int Count => Rows - Offset;
}
