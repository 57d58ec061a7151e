namespace Caravan.Kernels;

internal sealed unsafe partial class BlockMatMulOf<TLanes, TBlock>
{
    /// <summary>gradientX = or += gradientY · weights: a weight is decoded once for each block of rows, into the worker's scratch.</summary>
    public override void BackwardInput(NativeSpan<float> gradientY, NativeSpan<byte> weights, long columns, NativeSpan<float> gradientX, bool assign)
    {
        long rowBytes = TBlock.DType.Bytes(columns), outputs = weights.Length / rowBytes;
        InputGradient operands = new() { GradientY = gradientY.Pointer, Weights = weights.Pointer, RowBytes = rowBytes, Rows = gradientY.Length / outputs, Outputs = outputs };
        Accumulation<TLanes, InputGradient>.Run(workers, operands, operands.Rows, outputs, columns, Math.Max(TBlock.BlockElements, OuterTile<TLanes>.Columns), TLanes.Count, gradientX.Pointer, assign);
    }

    private struct InputGradient : IOperands
    {
        /// <summary>Weight rows decoded at a time.</summary>
        private const int DecodedRows = 8;

        public byte* Weights;
        public long RowBytes;
        public float* GradientY;
        public long Rows;
        public long Outputs;

        public static long ScratchFloats(long steps, long columns) => TBlock.DType == DType.F32 ? 0 : DecodedRows * columns;

        public readonly void PackLeft(long row, long rows, long step, long steps, float* packed, long sliverFloats)
        {
            for (long first = 0; first < rows; first += OuterTile<TLanes>.Rows, packed += sliverFloats)
            {
                float* source = GradientY + ((row + first) * Outputs) + step;
                Packing<TLanes>.Columns(source, Outputs, Rows - row - first, steps, packed, OuterTile<TLanes>.Rows);
            }
        }

        public readonly void PackRight(long column, long columns, long step, long steps, float* packed, long sliverFloats, float* scratch)
        {
            byte* blocks = Weights + (step * RowBytes) + (column / TBlock.BlockElements * TBlock.BlockBytes);
            if (TBlock.DType == DType.F32)
            {
                Packing<TLanes>.Rows((float*)blocks, RowBytes / sizeof(float), steps, columns, packed, OuterTile<TLanes>.Columns, sliverFloats);
                return;
            }

            for (long first = 0; first < steps; first += DecodedRows)
            {
                long count = Math.Min(DecodedRows, steps - first);
                for (long row = 0; row < count; row++) Decode(blocks + ((first + row) * RowBytes), scratch + (row * columns), columns);
                Packing<TLanes>.Rows(scratch, columns, count, columns, packed + (first * OuterTile<TLanes>.Columns), OuterTile<TLanes>.Columns, sliverFloats);
            }
        }
    }
}
