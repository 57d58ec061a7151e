using System.Numerics;
using System.Runtime.CompilerServices;

namespace Caravan.Kernels;

internal sealed unsafe partial class BlockMatMulOf<TLanes, TBlock>
{
    /// <summary>Columns decoded at a time: a whole number of blocks of every type.</summary>
    private const int DecodedColumns = 256;

    /// <summary>Slivers of a panel: every value of x that comes from the shared cache or memory meets so many tiles.</summary>
    private const long PanelSlivers = 4;

    /// <summary>
    /// Tiles of rows that one lane of a panel meets before the next lane comes: lane, rows and waiting tiles fit a second-level cache of 1 MB.
    /// </summary>
    private const long GroupsTogether = 16;

    /// <summary>
    /// The order of <see cref="DotTile{TLanes, TBlock}"/>, lane by lane: the outer products of lane j's columns give lane j of every output's
    /// register of sums. The sum by pairs only ever adds the newest sum to the one that waited shortest, so a tile waits at each of log₂ Count levels.
    /// </summary>
    public override void ForwardPacked(float* packed, long rows, NativeSpan<byte> weights, long columns, NativeSpan<float> y)
    {
        long rowBytes = TBlock.DType.Bytes(columns), outputs = weights.Length / rowBytes;
        long sliver = TLanes.Count * Packing<TLanes>.Floats(PackedRows<TLanes>.Steps(columns), OuterTile<TLanes>.Columns);
        long slivers = (outputs + OuterTile<TLanes>.Columns - 1) / OuterTile<TLanes>.Columns;
        long together = Math.Clamp(slivers / (workers.Workers * PiecesPerWorker), 1, PanelSlivers);
        PanelJob job = new()
        {
            Weights = weights.Pointer, RowBytes = rowBytes, Packed = packed, Y = y.Pointer, Columns = columns, Rows = rows, Outputs = outputs,
            SliverFloats = sliver, Slivers = together,
        };
        workers.For((slivers + together - 1) / together, 1, job, job.HeadFloats + (together * sliver));
    }

    /// <summary>Items are panels of a few slivers, a sliver being as many outputs as a tile has columns.</summary>
    private struct PanelJob : IRangeJob
    {
        public byte* Weights;
        public long RowBytes;
        public float* Packed;
        public float* Y;
        public long Columns;
        public long Rows;
        public long Outputs;
        public long SliverFloats;
        public long Slivers;

        private static long TileFloats
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => OuterTile<TLanes>.Rows * OuterTile<TLanes>.Columns;
        }

        private static int Levels
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => BitOperations.Log2((uint)TLanes.Count);
        }

        /// <summary>Decoded weights, a tile that reaches past the last row or output, and the waiting tiles.</summary>
        public readonly long HeadFloats => (OuterTile<TLanes>.Columns * DecodedColumns) + (((Slivers * GroupsTogether * Levels) + 1) * TileFloats);

        public readonly void Execute(long start, long end, float* scratch)
        {
            float* panel = scratch + HeadFloats;
            long width = OuterTile<TLanes>.Columns;
            for (long item = start; item < end; item++)
            {
                long first = item * Slivers * width, slivers = Math.Min(Slivers, (Outputs - first + width - 1) / width);
                for (long sliver = 0; sliver < slivers; sliver++) Fill(panel + (sliver * SliverFloats), first + (sliver * width), scratch);
                for (long row = 0; row < Rows; row += GroupsTogether * OuterTile<TLanes>.Rows)
                    Multiply(row, Math.Min(GroupsTogether * OuterTile<TLanes>.Rows, Rows - row), panel, first, slivers, scratch + (OuterTile<TLanes>.Columns * DecodedColumns));
            }
        }

        /// <summary>Decodes the weights of a sliver and transposes them.</summary>
        private readonly void Fill(float* sliver, long output, float* decoded)
        {
            long rows = Math.Min(OuterTile<TLanes>.Columns, Outputs - output), lane = SliverFloats / TLanes.Count;
            for (long column = 0; column < Columns; column += DecodedColumns)
            {
                long width = Math.Min(DecodedColumns, Columns - column);
                byte* blocks = Weights + (output * RowBytes) + (column / TBlock.BlockElements * TBlock.BlockBytes);
                for (long row = 0; row < rows; row++) Decode(blocks + (row * RowBytes), decoded + (row * DecodedColumns), width);
                Packing<TLanes>.Lanes(
                    decoded, DecodedColumns, rows, width, sliver + (column / TLanes.Count * OuterTile<TLanes>.Columns), OuterTile<TLanes>.Columns, lane);
            }
        }

        private readonly void Multiply(long first, long rows, float* panel, long output, long slivers, float* edge)
        {
            long groupFloats = PackedRows<TLanes>.GroupFloats(Columns), laneFloats = PackedRows<TLanes>.LaneFloats(Columns);
            for (int lane = 0; lane < TLanes.Count; lane++)
            {
                float* waiting = edge + TileFloats;
                for (long sliver = 0; sliver < slivers; sliver++)
                {
                    float* b = panel + (sliver * SliverFloats) + (lane * (SliverFloats / TLanes.Count));
                    float* a = Packed + (first / OuterTile<TLanes>.Rows * groupFloats) + (lane * laneFloats);
                    for (long row = first; row < first + rows; row += OuterTile<TLanes>.Rows, a += groupFloats, waiting += Levels * TileFloats)
                        Multiply(a, b, lane, waiting, row, output + (sliver * OuterTile<TLanes>.Columns), edge);
                }
            }
        }

        /// <summary>One lane of one tile: its sums meet all that wait for them, then wait themselves, or are the result.</summary>
        private readonly void Multiply(float* a, float* b, int lane, float* waiting, long row, long output, float* edge)
        {
            long steps = PackedRows<TLanes>.Steps(Columns), rows = Math.Min(OuterTile<TLanes>.Rows, Rows - row), outputs = Math.Min(OuterTile<TLanes>.Columns, Outputs - output);
            int finished = BitOperations.TrailingZeroCount(lane + 1);
            OuterTile<TLanes>.Addends addends = new(waiting, finished, TileFloats, OuterTile<TLanes>.Columns);
            float* y = Y + (row * Outputs) + output;
            if (lane < TLanes.Count - 1) OuterTile<TLanes>.Multiply(a, b, steps, rows, addends, waiting + (finished * TileFloats), OuterTile<TLanes>.Columns);
            else if (rows == OuterTile<TLanes>.Rows && outputs == OuterTile<TLanes>.Columns) OuterTile<TLanes>.Multiply(a, b, steps, rows, addends, y, Outputs);
            else
            {
                OuterTile<TLanes>.Multiply(a, b, steps, rows, addends, edge, OuterTile<TLanes>.Columns);
                for (long r = 0; r < rows; r++)
                    for (long i = 0; i < outputs; i++) y[(r * Outputs) + i] = edge[(r * OuterTile<TLanes>.Columns) + i];
            }
        }
    }

    /// <summary>Decodes blocks, at this width where they can be converted in registers.</summary>
    private static void Decode(byte* blocks, float* destination, long elements)
    {
        long i = 0;
        if (TBlock.Streams)
        {
            for (; i + TLanes.Count <= elements; i += TLanes.Count)
                TLanes.Store(TBlock.Load<TLanes>(blocks + (i * TBlock.BlockBytes)), destination + i);
            if (i == elements) return;
        }

        TBlock.Decode(blocks + (i * TBlock.BlockBytes), destination + i, elements - i);
    }
}
