using System.Runtime.CompilerServices;

namespace Caravan.Kernels;

/// <summary>
/// c += left · right for matrices of any origin, in blocks that fit the second-level cache. An element's terms are added in the same order
/// whatever the number of threads: block by block of <see cref="BlockSteps"/>, and inside a block one by one.
/// </summary>
internal static unsafe class Accumulation<TLanes, TOperands>
    where TLanes : unmanaged, ILanes<TLanes>
    where TOperands : unmanaged, IOperands
{
    /// <summary>Terms per block: 32 KB of a sliver with AVX-512, which stay in the first-level cache while all rows pass.</summary>
    private const long BlockSteps = 256;

    private const long MostRows = 384;

    private const long MostColumns = 512;

    private const int PiecesPerWorker = 4;

    private static long TileFloats
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => OuterTile<TLanes>.Rows * OuterTile<TLanes>.Columns;
    }

    /// <summary>c: [rows, columns]; blocks of columns start at multiples of <paramref name="columnUnit"/>.</summary>
    public static void Run(WorkerPool workers, TOperands operands, long rows, long steps, long columns, long columnUnit, float* c)
    {
        if (rows == 0 || columns == 0) return;
        long blockColumns = Math.Min(MostColumns, Packing<TLanes>.RoundUp(columns, columnUnit)) / columnUnit * columnUnit;
        long acrossColumns = (columns + blockColumns - 1) / blockColumns;
        long acrossRows = Math.Max(1, workers.Workers * PiecesPerWorker / acrossColumns);
        long blockRows = Math.Min(MostRows, Packing<TLanes>.RoundUp((rows + acrossRows - 1) / acrossRows, OuterTile<TLanes>.Rows));
        Job job = new()
        {
            Operands = operands, C = c, Rows = rows, Steps = steps, Columns = columns, BlockRows = blockRows, BlockColumns = blockColumns,
            AcrossColumns = acrossColumns,
        };
        long items = acrossColumns * ((rows + blockRows - 1) / blockRows);
        workers.For(items, rows * columns * steps < 1 << 16 ? items : 1, job, job.ScratchFloats);
    }

    /// <summary>Items are blocks of c.</summary>
    private struct Job : IRangeJob
    {
        public TOperands Operands;
        public float* C;
        public long Rows;
        public long Steps;
        public long Columns;
        public long BlockRows;
        public long BlockColumns;
        public long AcrossColumns;

        public readonly long ScratchFloats => TileFloats + LeftFloats + RightFloats + TOperands.ScratchFloats(BlockColumns);

        private static long LeftSliver => Packing<TLanes>.Floats(BlockSteps, OuterTile<TLanes>.Rows);

        private static long RightSliver => Packing<TLanes>.Floats(BlockSteps, OuterTile<TLanes>.Columns);

        private readonly long LeftFloats => BlockRows / OuterTile<TLanes>.Rows * LeftSliver;

        private readonly long RightFloats => (BlockColumns + OuterTile<TLanes>.Columns - 1) / OuterTile<TLanes>.Columns * RightSliver;

        public readonly void Execute(long start, long end, float* scratch)
        {
            float* left = scratch + TileFloats, right = left + LeftFloats, rest = right + RightFloats;
            for (long item = start; item < end; item++)
            {
                long row = item / AcrossColumns * BlockRows, column = item % AcrossColumns * BlockColumns;
                long rows = Math.Min(BlockRows, Rows - row), columns = Math.Min(BlockColumns, Columns - column);
                for (long step = 0; step < Steps; step += BlockSteps)
                {
                    long steps = Math.Min(BlockSteps, Steps - step);
                    Operands.PackLeft(row, rows, step, steps, left, LeftSliver);
                    Operands.PackRight(column, columns, step, steps, right, RightSliver, rest);
                    Add(left, right, steps, C + (row * Columns) + column, rows, columns, scratch);
                }
            }
        }

        private readonly void Add(float* left, float* right, long steps, float* c, long rows, long columns, float* edge)
        {
            for (long column = 0; column < columns; column += OuterTile<TLanes>.Columns, right += RightSliver)
            {
                float* a = left;
                for (long row = 0; row < rows; row += OuterTile<TLanes>.Rows, a += LeftSliver)
                {
                    float* tile = c + (row * Columns) + column;
                    if (rows - row >= OuterTile<TLanes>.Rows && columns - column >= OuterTile<TLanes>.Columns)
                        OuterTile<TLanes>.Multiply(a, right, steps, rows - row, new(tile, 1, 0, Columns), tile, Columns);
                    else AddEdge(a, right, steps, tile, rows - row, columns - column, edge);
                }
            }
        }

        private readonly void AddEdge(float* a, float* right, long steps, float* tile, long rows, long columns, float* edge)
        {
            OuterTile<TLanes>.Multiply(a, right, steps, rows, default, edge, OuterTile<TLanes>.Columns);
            for (long r = 0; r < Math.Min(rows, OuterTile<TLanes>.Rows); r++)
                for (long i = 0; i < Math.Min(columns, OuterTile<TLanes>.Columns); i++) tile[(r * Columns) + i] += edge[(r * OuterTile<TLanes>.Columns) + i];
        }
    }
}
