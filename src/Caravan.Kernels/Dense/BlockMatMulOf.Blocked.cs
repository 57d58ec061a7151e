namespace Caravan.Kernels;

internal sealed unsafe partial class BlockMatMulOf<TLanes, TBlock>
{
    /// <summary>Weight rows decoded at a time: those of a sliver.</summary>
    private static int SliverRows => OuterTile<TLanes>.Columns;

    public override void ForwardBlocked(NativeSpan<float> x, NativeSpan<byte> weights, long columns, NativeSpan<float> y)
    {
        long rowBytes = TBlock.DType.Bytes(columns), outputs = weights.Length / rowBytes;
        Product operands = new() { X = x.Pointer, Weights = weights.Pointer, RowBytes = rowBytes, Rows = x.Length / columns, Columns = columns, Outputs = outputs };
        Accumulation<TLanes, Product>.Run(
            workers, operands, operands.Rows, columns, outputs, SliverRows, Math.Max(TBlock.BlockElements, TLanes.Count), y.Pointer, assign: true);
    }

    /// <summary>A step is a column of both factors.</summary>
    private struct Product : IOperands
    {
        public float* X;
        public byte* Weights;
        public long RowBytes;
        public long Rows;
        public long Columns;
        public long Outputs;

        public static long ScratchFloats(long steps, long columns) => TBlock.DType == DType.F32 ? 0 : SliverRows * steps;

        public readonly void PackLeft(long row, long rows, long step, long steps, float* packed, long sliverFloats)
        {
            for (long first = 0; first < rows; first += OuterTile<TLanes>.Rows, packed += sliverFloats)
                Packing<TLanes>.Columns(X + ((row + first) * Columns) + step, Columns, Rows - row - first, steps, packed, OuterTile<TLanes>.Rows);
        }

        public readonly void PackRight(long column, long columns, long step, long steps, float* packed, long sliverFloats, float* scratch)
        {
            for (long first = 0; first < columns; first += SliverRows, packed += sliverFloats)
            {
                byte* blocks = Weights + ((column + first) * RowBytes) + (step / TBlock.BlockElements * TBlock.BlockBytes);
                if (TBlock.DType == DType.F32)
                {
                    Packing<TLanes>.Columns((float*)blocks, Columns, Outputs - column - first, steps, packed, SliverRows);
                    continue;
                }

                long rows = Math.Min(SliverRows, columns - first);
                for (long row = 0; row < rows; row++) Decode(blocks + (row * RowBytes), scratch + (row * steps), steps);
                Packing<TLanes>.Columns(scratch, steps, rows, steps, packed, SliverRows);
            }
        }
    }
}
