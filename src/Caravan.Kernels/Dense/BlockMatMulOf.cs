namespace Caravan.Kernels;

/// <summary>
/// One driver for every dtype of weights. Few rows of activations: dot products with the weights as they stream by, converted in registers where
/// the format can, else decoded four rows at a time. Many rows: panels of weights are decoded once and transposed. Backward: tiles.
/// </summary>
internal sealed unsafe partial class BlockMatMulOf<TLanes, TBlock>(WorkerPool workers) : BlockMatMul
    where TLanes : unmanaged, ILanes<TLanes>
    where TBlock : struct, IBlockFormat
{
    /// <summary>Pieces that each thread gets: few, since each is a stream for the prefetcher, but enough to even out a disturbed core.</summary>
    private const int PiecesPerWorker = 4;

    /// <summary>Products that a piece holds at least, so that handing it over costs less than it saves.</summary>
    private const long ProductsPerPiece = 1 << 16;

    public override void Forward(NativeSpan<float> x, NativeSpan<byte> weights, long columns, NativeSpan<float> y)
    {
        long rowBytes = TBlock.DType.Bytes(columns);
        DotJob job = new()
        {
            Weights = weights.Pointer, RowBytes = rowBytes, X = x.Pointer, Y = y.Pointer, Columns = columns, Rows = x.Length / columns,
            Outputs = weights.Length / rowBytes,
        };
        if (job.Rows == 0) return;
        long decoded = TBlock.Streams ? 0 : DotTile<TLanes, F32>.WeightRows * columns;
        For((job.Outputs + DotTile<TLanes, F32>.WeightRows - 1) / DotTile<TLanes, F32>.WeightRows, DotTile<TLanes, F32>.WeightRows * columns * job.Rows, job, DotTile<TLanes, F32>.ScratchFloats + decoded);
    }

    public override void GatherRows(NativeSpan<byte> table, long columns, NativeSpan<int> rows, NativeSpan<float> y)
    {
        GatherJob job = new() { Table = table.Pointer, RowBytes = TBlock.DType.Bytes(columns), Columns = columns, Rows = rows.Pointer, Y = y.Pointer };
        workers.For(rows.Length, KernelSet<TLanes>.RowGrain(columns), job);
    }

    private void For<TJob>(long items, long productsPerItem, TJob job, long scratchFloats)
        where TJob : unmanaged, IRangeJob
    {
        long smallest = ProductsPerPiece / Math.Max(1, productsPerItem);
        workers.For(items, Math.Max(Math.Max(1, smallest), items / (workers.Workers * PiecesPerWorker)), job, scratchFloats);
    }

    /// <summary>Items are tiles of weight rows.</summary>
    private struct DotJob : IRangeJob
    {
        public byte* Weights;
        public long RowBytes;
        public float* X;
        public float* Y;
        public long Columns;
        public long Rows;
        public long Outputs;

        public readonly void Execute(long start, long end, float* scratch)
        {
            const int TileRows = DotTile<TLanes, F32>.WeightRows;
            float* decoded = scratch + DotTile<TLanes, F32>.ScratchFloats;
            for (long output = start * TileRows; output < Math.Min(end * TileRows, Outputs); output += TileRows)
            {
                long last = Math.Min(TileRows, Outputs - output) - 1;
                byte* weights = Weights + (output * RowBytes);
                if (TBlock.Streams)
                {
                    Multiply<TBlock>(weights, RowBytes, last, output, scratch);
                    continue;
                }

                for (long row = 0; row <= last; row++) TBlock.Decode(weights + (row * RowBytes), decoded + (row * Columns), Columns);
                Multiply<F32>((byte*)decoded, Columns * sizeof(float), last, output, scratch);
            }
        }

        private readonly void Multiply<TWeights>(byte* weights, long rowBytes, long last, long output, float* scratch)
            where TWeights : struct, IBlockFormat
        {
            long n = 0;
            if (DotTile<TLanes, TWeights>.MostRowsInRegisters > 2)
                for (; n + 4 <= Rows; n += 4) DotTile<TLanes, TWeights>.Multiply<Four>(weights, rowBytes, last, X + (n * Columns), Columns, Y + (n * Outputs) + output, Outputs, scratch);
            for (; n + 2 <= Rows; n += 2)
                DotTile<TLanes, TWeights>.Multiply<Two>(weights, rowBytes, last, X + (n * Columns), Columns, Y + (n * Outputs) + output, Outputs, scratch);
            if (n < Rows)
                DotTile<TLanes, TWeights>.Multiply<One>(weights, rowBytes, last, X + (n * Columns), Columns, Y + (n * Outputs) + output, Outputs, scratch);
        }
    }

    private struct GatherJob : IRangeJob
    {
        public byte* Table;
        public long RowBytes;
        public long Columns;
        public int* Rows;
        public float* Y;

        public readonly void Execute(long start, long end, float* scratch)
        {
            for (long i = start; i < end; i++) TBlock.Decode(Table + (Rows[i] * RowBytes), Y + (i * Columns), Columns);
        }
    }
}
