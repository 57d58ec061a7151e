using Caravan.Kernels;

namespace Caravan.Models;

/// <summary>
/// Which row of the source becomes which row of the target, where the two pair rotary features differently: within each head, feature pairs
/// lie half a rotation apart (<see cref="RotaryLayout.HalfSplit"/>) or side by side (<see cref="RotaryLayout.Interleaved"/>).
/// Features that are not rotated stay where they are.
/// </summary>
/// <param name="Target">The target's layout; the source has the other one.</param>
/// <param name="HeadSize">Rows per head.</param>
/// <param name="Dimensions">Rows per head that are rotated, from the first.</param>
internal sealed record RowOrder(RotaryLayout Target, int HeadSize, int Dimensions)
{
    /// <summary>The source's row for a row of the target.</summary>
    public long SourceRow(long row)
    {
        int feature = (int)(row % HeadSize), half = Dimensions / 2;
        if (feature >= Dimensions) return row;
        int source = Target == RotaryLayout.Interleaved
            ? (feature / 2) + (feature % 2 * half)
            : (feature % half * 2) + (feature / half);
        return row - feature + source;
    }
}
