using System.Runtime.CompilerServices;

namespace Caravan.Kernels;

/// <summary>
/// Rows of activations in the order in which <see cref="OuterTile{TLanes}"/> meets them, kept from call to call: groups of as many rows as a
/// tile has, of each group Count slivers, one a lane.
/// </summary>
internal sealed unsafe class PackedRows<TLanes>(WorkerPool workers) : IDisposable
    where TLanes : unmanaged, ILanes<TLanes>
{
    private NativeBuffer? buffer;

    /// <summary>Floats of a lane of a group.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static long LaneFloats(long columns) => Packing<TLanes>.Floats(Steps(columns), OuterTile<TLanes>.Rows);

    /// <summary>Floats of a group.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static long GroupFloats(long columns) => TLanes.Count * LaneFloats(columns);

    /// <summary>Registers that a row fills.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static long Steps(long columns) => (columns + TLanes.Count - 1) / TLanes.Count;

    /// <summary>Packs x: [rows, columns]; valid until the next call.</summary>
    public float* Pack(NativeSpan<float> x, long columns)
    {
        long rows = x.Length / columns, groups = (rows + OuterTile<TLanes>.Rows - 1) / OuterTile<TLanes>.Rows;
        long bytes = checked(groups * GroupFloats(columns) * sizeof(float));
        if (buffer is null || buffer.Length < bytes)
        {
            buffer?.Dispose();
            buffer = null;
            buffer = new NativeBuffer(bytes, clear: false);
        }

        PackJob job = new() { X = x.Pointer, Rows = rows, Columns = columns, Packed = (float*)buffer.Bytes.Pointer };
        workers.For(groups, KernelSet<TLanes>.RowGrain(columns * OuterTile<TLanes>.Rows), job);
        return job.Packed;
    }

    public void Dispose() => buffer?.Dispose();

    /// <summary>Items are groups.</summary>
    private struct PackJob : IRangeJob
    {
        public float* X;
        public long Rows;
        public long Columns;
        public float* Packed;

        public readonly void Execute(long start, long end, float* scratch)
        {
            for (long group = start; group < end; group++)
            {
                long first = group * OuterTile<TLanes>.Rows;
                float* packed = Packed + (group * GroupFloats(Columns));
                Packing<TLanes>.Lanes(X + (first * Columns), Columns, Rows - first, Columns, packed, OuterTile<TLanes>.Rows, LaneFloats(Columns));
            }
        }
    }
}
