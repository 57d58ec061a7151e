namespace Caravan.Models;

/// <summary>Rows of a tensor on disk that are a weight of their own: runs at equal distances.</summary>
/// <param name="Start">First row.</param>
/// <param name="Count">Rows of a run.</param>
/// <param name="Stride">From the start of a run to that of the next.</param>
/// <param name="Runs">How many there are.</param>
internal readonly record struct RowRuns(long Start, long Count, long Stride, long Runs = 1)
{
    /// <summary>Rows of the weight.</summary>
    public long Rows => Count * Runs;

    /// <summary>Rows of the tensor on disk.</summary>
    public long DiskRows => Stride * Runs;

    /// <summary>Whether the weight's rows follow each other.</summary>
    public bool IsContiguous => Runs == 1 || Count == Stride;

    /// <summary>Where a row of the weight lies.</summary>
    public long DiskRow(long row) => Start + (row / Count * Stride) + (row % Count);

    /// <summary>The row of the weight that lies there, or −1 where another weight's does.</summary>
    public long RowAt(long diskRow)
    {
        long inside = (diskRow % Stride) - Start;
        return inside >= 0 && inside < Count ? (diskRow / Stride * Count) + inside : -1;
    }
}
