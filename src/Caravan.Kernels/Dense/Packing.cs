using System.Runtime.CompilerServices;

namespace Caravan.Kernels;

/// <summary>
/// Copies parts of matrices into the slivers that <see cref="OuterTile{TLanes}"/> reads: steps of some width side by side. What a matrix lacks
/// to fill a sliver is zero. A register may be stored past the end of a step, because later steps are written later: <see cref="Slack"/>
/// floats must be free behind a sliver.
/// </summary>
internal static unsafe class Packing<TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
{
    /// <summary>Floats between slivers; it also keeps them from starting at the same place of a cache's set.</summary>
    internal const int Slack = 16;

    /// <summary>Rows ahead of a copy that are asked for: rows of large matrices lie in pages of their own, which no prefetcher follows.</summary>
    private const int RowsAhead = 4;

    /// <summary>The length of a sliver.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static long Floats(long steps, long width) => (RoundUp(steps, TLanes.Count) * width) + Slack;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static long RoundUp(long value, long unit) => (value + unit - 1) / unit * unit;

    /// <summary>A step is a row of the matrix: packed[s · sliverFloats + t · width + i] = source[t · stride + s · width + i].</summary>
    public static void Rows(float* source, long stride, long rows, long columns, float* packed, long width, long sliverFloats)
    {
        long whole = RoundUp(width, TLanes.Count);
        for (long t = 0; t < rows; t++, source += stride, packed += width)
        {
            float* target = packed;
            for (long column = 0; column < columns; column += width, target += sliverFloats)
            {
                Cpu.Prefetch(source + (RowsAhead * stride) + column);
                if (columns - column >= whole)
                {
                    for (long i = 0; i < width; i += TLanes.Count) TLanes.Store(TLanes.Load(source + column + i), target + i);
                    continue;
                }

                for (long i = 0; i < width; i++) target[i] = column + i < columns ? source[column + i] : 0;
            }
        }
    }

    /// <summary>
    /// A step is a column of the matrix: packed[t · width + i] = source[i · stride + t]. Of all the rows that the matrix has from here on those
    /// beyond the width are not used, but may be read.
    /// </summary>
    public static void Columns(float* source, long stride, long rows, long columns, float* packed, long width) =>
        Transpose(source, stride, rows, columns, packed, width, width, TLanes.Count * width);

    /// <summary>
    /// The same in the order of <see cref="DotTile{TLanes, TBlock}"/>: first the columns of lane 0, then those of lane 1 and so on, each lane a
    /// sliver: packed[(t % Count) · laneFloats + t / Count · width + i] = source[i · stride + t].
    /// </summary>
    public static void Lanes(float* source, long stride, long rows, long columns, float* packed, long width, long laneFloats) =>
        Transpose(source, stride, rows, columns, packed, width, laneFloats, width);

    /// <summary>Square blocks. Of the blocks side by side in a step the last one goes first, because it may write into the next step.</summary>
    private static void Transpose(float* source, long stride, long rows, long columns, float* packed, long width, long laneDistance, long blockDistance)
    {
        for (long column = 0; column < columns; column += TLanes.Count, packed += blockDistance)
        {
            for (long row = (width - 1) / TLanes.Count * TLanes.Count; row >= 0; row -= TLanes.Count)
            {
                float* block = source + (row * stride) + column;
                if (rows - row >= TLanes.Count && columns - column >= TLanes.Count) TLanes.Transpose(block, stride, packed + row, laneDistance);
                else TransposeEdge(block, stride, rows - row, columns - column, packed + row, laneDistance);
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void TransposeEdge(float* source, long stride, long rows, long columns, float* packed, long laneDistance)
    {
        float* block = stackalloc float[TLanes.Count * TLanes.Count];
        for (long i = 0; i < TLanes.Count; i++)
            for (long j = 0; j < TLanes.Count; j++) block[(i * TLanes.Count) + j] = i < rows && j < columns ? source[(i * stride) + j] : 0;
        TLanes.Transpose(block, TLanes.Count, packed, laneDistance);
    }
}
