namespace Caravan.Kernels;

/// <summary>
/// One driver for every block type: weight rows are decoded a panel at a time into the worker's scratch, and each panel meets every row of
/// activations in tiles of dot products. F32 weights are used where they lie.
/// </summary>
internal sealed unsafe class BlockMatMulOf<TLanes, TBlock>(WorkerPool workers) : BlockMatMul
    where TLanes : unmanaged, ILanes<TLanes>
    where TBlock : struct, IBlockFormat
{
    /// <summary>Weight rows per panel: 16 rows of 4,096 floats stay in a second-level cache of 512 KiB.</summary>
    private const int PanelRows = 16;

    /// <summary>Columns per item of the backward pass: a whole number of blocks of every type.</summary>
    private const int ItemColumns = 256;

    private static bool InPlace => typeof(TBlock) == typeof(F32);

    public override void Forward(NativeSpan<float> x, NativeSpan<byte> weights, long columns, NativeSpan<float> y)
    {
        long rowBytes = TBlock.DType.Bytes(columns);
        ForwardJob job = new()
        {
            Weights = weights.Pointer, RowBytes = rowBytes, X = x.Pointer, Y = y.Pointer, Columns = columns, Rows = x.Length / columns,
            Outputs = weights.Length / rowBytes,
        };
        if (job.Rows == 0) return;
        long grain = KernelSet<TLanes>.RowGrain(columns * job.Rows) / PanelRows * PanelRows;
        workers.For(job.Outputs, Math.Max(PanelRows, grain), job, InPlace ? 0 : PanelRows * columns);
    }

    public override void BackwardInput(NativeSpan<float> gradientY, NativeSpan<byte> weights, long columns, NativeSpan<float> gradientX)
    {
        long rowBytes = TBlock.DType.Bytes(columns), outputs = weights.Length / rowBytes;
        BackwardJob job = new()
        {
            Weights = weights.Pointer, RowBytes = rowBytes, GradientY = gradientY.Pointer, GradientX = gradientX.Pointer, Columns = columns,
            Rows = gradientY.Length / outputs, Outputs = outputs,
        };
        if (job.Rows == 0) return;
        workers.For((columns + ItemColumns - 1) / ItemColumns, 1, job, PanelRows * ItemColumns);
    }

    public override void GatherRows(NativeSpan<byte> table, long columns, NativeSpan<int> rows, NativeSpan<float> y)
    {
        GatherJob job = new() { Table = table.Pointer, RowBytes = TBlock.DType.Bytes(columns), Columns = columns, Rows = rows.Pointer, Y = y.Pointer };
        workers.For(rows.Length, KernelSet<TLanes>.RowGrain(columns), job);
    }

    /// <summary>Items are weight rows.</summary>
    private struct ForwardJob : IRangeJob
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
            for (long first = start; first < end; first += PanelRows)
            {
                long count = Math.Min(PanelRows, end - first);
                float* panel = InPlace ? (float*)(Weights + (first * RowBytes)) : scratch;
                if (!InPlace)
                    for (long row = 0; row < count; row++) TBlock.Decode(Weights + ((first + row) * RowBytes), panel + (row * Columns), Columns);
                Multiply(panel, first, count);
            }
        }

        /// <summary>Tiles of four weight rows by two activation rows; at the edges a tile repeats its last row and drops the result.</summary>
        private readonly void Multiply(float* panel, long first, long count)
        {
            for (long n = 0; n < Rows; n += 2)
            {
                float* x0 = X + (n * Columns), x1 = n + 1 < Rows ? x0 + Columns : null;
                for (long o = 0; o < count; o += 4)
                {
                    float* w = panel + (o * Columns);
                    long last = count - o - 1, one = Math.Min(1, last), two = Math.Min(2, last), three = Math.Min(3, last);
                    float* y0 = Y + (n * Outputs) + first + o, y1 = y0 + Outputs;
                    if (x1 == null) DotTile<TLanes>.FourByOne(w, one * Columns, two * Columns, three * Columns, x0, Columns, y0, last);
                    else DotTile<TLanes>.FourByTwo(w, one * Columns, two * Columns, three * Columns, x0, x1, Columns, y0, y1, last);
                }
            }
        }
    }

    /// <summary>Items are groups of <see cref="ItemColumns"/> inputs: no two write the same gradient, and each decodes only its own columns.</summary>
    private struct BackwardJob : IRangeJob
    {
        public byte* Weights;
        public long RowBytes;
        public float* GradientY;
        public float* GradientX;
        public long Columns;
        public long Rows;
        public long Outputs;

        public readonly void Execute(long start, long end, float* scratch)
        {
            for (long item = start; item < end; item++)
            {
                long column = item * ItemColumns, width = Math.Min(ItemColumns, Columns - column);
                long offset = column / TBlock.BlockElements * TBlock.BlockBytes;
                for (long first = 0; first < Outputs; first += PanelRows)
                {
                    long count = Math.Min(PanelRows, Outputs - first);
                    byte* weights = Weights + (first * RowBytes) + offset;
                    for (long row = 0; row < count; row++) TBlock.Decode(weights + (row * RowBytes), scratch + (row * width), width);
                    for (long n = 0; n < Rows; n++)
                        KernelSet<TLanes>.AddCombination(GradientX + (n * Columns) + column, GradientY + (n * Outputs) + first, 1, scratch, width, count, width);
                }
            }
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
