using System.Numerics;

namespace Caravan.Kernels;

internal sealed unsafe partial class BlockMatMulOf<TLanes, TBlock>
{
    /// <summary>Columns decoded at a time: a whole number of blocks of every type.</summary>
    private const int DecodedColumns = 256;

    /// <summary>Floats of a panel that should stay in the second-level cache beside the activations: 768 KB.</summary>
    private const long PanelFloats = 192 << 10;

    /// <summary>
    /// The order of <see cref="DotTile{TLanes, TBlock}"/>, lane by lane: the outer products of lane j's columns give lane j of every output's register
    /// of sums. Lanes come in the order 0, 8, 4, 12, 2, …; then the sum by halves only ever adds the newest sum to the one that waited shortest,
    /// and a tile waits at each of log₂ Count levels.
    /// </summary>
    public override void ForwardPacked(float* packed, long rows, NativeSpan<byte> weights, long columns, NativeSpan<float> y)
    {
        long rowBytes = TBlock.DType.Bytes(columns), outputs = weights.Length / rowBytes;
        long sliver = TLanes.Count * Packing<TLanes>.Floats(PackedRows<TLanes>.Steps(columns), OuterTile<TLanes>.Columns);
        long slivers = (outputs + OuterTile<TLanes>.Columns - 1) / OuterTile<TLanes>.Columns;
        long together = Math.Clamp(PanelFloats / sliver, 1, Math.Max(1, slivers / (workers.Workers * PiecesPerWorker)));
        PanelJob job = new()
        {
            Weights = weights.Pointer, RowBytes = rowBytes, Packed = packed, Y = y.Pointer, Columns = columns, Rows = rows, Outputs = outputs,
            SliverFloats = sliver, Slivers = together,
        };
        workers.For((slivers + together - 1) / together, 1, job, PanelJob.HeadFloats + (together * sliver));
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

        private static long TileFloats => OuterTile<TLanes>.Rows * OuterTile<TLanes>.Columns;

        /// <summary>Waiting tiles, one that reaches past the last row or output, and decoded weights.</summary>
        public static long HeadFloats => ((Levels + 1) * TileFloats) + (OuterTile<TLanes>.Columns * DecodedColumns);

        private static int Levels => BitOperations.Log2((uint)TLanes.Count);

        public readonly void Execute(long start, long end, float* scratch)
        {
            float* panel = scratch + HeadFloats;
            for (long item = start; item < end; item++)
            {
                long first = item * Slivers * OuterTile<TLanes>.Columns, last = Math.Min(Outputs, first + (Slivers * OuterTile<TLanes>.Columns));
                for (long output = first; output < last; output += OuterTile<TLanes>.Columns)
                    Fill(panel + ((output - first) / OuterTile<TLanes>.Columns * SliverFloats), output, scratch + ((Levels + 1) * TileFloats));
                for (long row = 0; row < Rows; row += OuterTile<TLanes>.Rows)
                {
                    float* x = Packed + (row / OuterTile<TLanes>.Rows * PackedRows<TLanes>.GroupFloats(Columns));
                    for (long output = first; output < last; output += OuterTile<TLanes>.Columns)
                        Multiply(x, panel + ((output - first) / OuterTile<TLanes>.Columns * SliverFloats), row, output, scratch);
                }
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

        private readonly void Multiply(float* x, float* sliver, long row, long output, float* tiles)
        {
            long steps = PackedRows<TLanes>.Steps(Columns), rows = Rows - row, outputs = Outputs - output;
            bool whole = rows >= OuterTile<TLanes>.Rows && outputs >= OuterTile<TLanes>.Columns;
            float* edge = tiles + (Levels * TileFloats), y = Y + (row * Outputs) + output;
            for (int turn = 0; turn < TLanes.Count; turn++)
            {
                int lane = BitReversed(turn), finished = BitOperations.TrailingZeroCount(turn + 1);
                bool last = turn == TLanes.Count - 1;
                OuterTile<TLanes>.Multiply(
                    x + (lane * PackedRows<TLanes>.LaneFloats(Columns)), sliver + (lane * (SliverFloats / TLanes.Count)), steps, rows,
                    new(tiles, finished, TileFloats, OuterTile<TLanes>.Columns),
                    last ? (whole ? y : edge) : tiles + (finished * TileFloats), last && whole ? Outputs : OuterTile<TLanes>.Columns);
            }

            if (whole) return;
            for (long r = 0; r < Math.Min(rows, OuterTile<TLanes>.Rows); r++)
                for (long i = 0; i < Math.Min(outputs, OuterTile<TLanes>.Columns); i++) y[(r * Outputs) + i] = edge[(r * OuterTile<TLanes>.Columns) + i];
        }

        private static int BitReversed(int turn)
        {
            int reversed = 0;
            for (int bit = 1; bit < TLanes.Count; bit <<= 1) reversed = (reversed << 1) | ((turn & bit) != 0 ? 1 : 0);
            return reversed;
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
