using System.Runtime.CompilerServices;

namespace Caravan.Kernels;

/// <summary>
/// c += left · right, or c = left · right, for matrices of any origin, in blocks that fit the second-level cache. An element's terms are added in an
/// order that depends on their number alone: block by block, and inside a block one by one.
/// </summary>
internal static unsafe class Accumulation<TLanes, TOperands>
    where TLanes : unmanaged, ILanes<TLanes>
    where TOperands : unmanaged, IOperands
{
    /// <summary>
    /// Terms per block at most. With AVX-512 so many of a sliver do not stay in the first-level cache, but the second gives them fast enough, and c
    /// comes and goes less often.
    /// </summary>
    private const long MostSteps = 512;

    /// <summary>Rows of a block: from few on packing the columns costs little; many of them still leave room in the second-level cache.</summary>
    private const long LeastRows = 192, MostRows = 264;

    private const long MostColumns = 512;

    private const int PiecesPerWorker = 4;

    private static long TileFloats
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => OuterTile<TLanes>.Rows * OuterTile<TLanes>.Columns;
    }

    /// <summary>c: [rows, columns].</summary>
    /// <param name="workers">Who shares the work.</param>
    /// <param name="operands">The factors.</param>
    /// <param name="rows">Rows of the left one.</param>
    /// <param name="steps">Columns of the left one, rows of the right one: terms of each sum.</param>
    /// <param name="columns">Columns of the right one.</param>
    /// <param name="columnUnit">Blocks of columns start at multiples of it.</param>
    /// <param name="stepUnit">Blocks of steps start at multiples of it.</param>
    /// <param name="c">The result.</param>
    /// <param name="assign">Whether c, which may hold anything, is set instead of added to.</param>
    public static void Run(WorkerPool workers, TOperands operands, long rows, long steps, long columns, long columnUnit, long stepUnit, float* c, bool assign)
    {
        if (rows == 0 || columns == 0) return;
        if (assign && steps == 0) new NativeSpan<float>(c, rows * columns).Clear();
        long most = MostSteps / stepUnit * stepUnit, blocks = Math.Max(1, (steps + most - 1) / most);
        long blockColumns = Math.Min(MostColumns, Packing<TLanes>.RoundUp(columns, columnUnit)) / columnUnit * columnUnit;
        long acrossColumns = (columns + blockColumns - 1) / blockColumns;
        long acrossRows = Math.Max(1, Math.Min(workers.Workers * PiecesPerWorker, Math.Max(workers.Workers, rows / LeastRows)) / acrossColumns);
        long blockRows = Math.Min(MostRows / OuterTile<TLanes>.Rows * OuterTile<TLanes>.Rows, Packing<TLanes>.RoundUp((rows + acrossRows - 1) / acrossRows, OuterTile<TLanes>.Rows));
        Job job = new()
        {
            Operands = operands, C = c, Rows = rows, Steps = steps, Columns = columns, BlockRows = blockRows, BlockColumns = blockColumns,
            AcrossColumns = acrossColumns, BlockSteps = Packing<TLanes>.RoundUp((steps + blocks - 1) / blocks, stepUnit), Assign = assign,
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
        public long BlockSteps;
        public bool Assign;

        public readonly long ScratchFloats => TileFloats + LeftFloats + RightFloats + TOperands.ScratchFloats(BlockSteps, BlockColumns);

        private readonly long LeftSliver => Packing<TLanes>.Floats(BlockSteps, OuterTile<TLanes>.Rows);

        private readonly long RightSliver => Packing<TLanes>.Floats(BlockSteps, OuterTile<TLanes>.Columns);

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
                    Multiply(left, right, steps, C + (row * Columns) + column, rows, columns, Assign && step == 0, scratch);
                }
            }
        }

        private readonly void Multiply(float* left, float* right, long steps, float* c, long rows, long columns, bool assign, float* edge)
        {
            long leftSliver = LeftSliver, rightSliver = RightSliver;
            for (long column = 0; column < columns; column += OuterTile<TLanes>.Columns, right += rightSliver)
            {
                float* a = left;
                for (long row = 0; row < rows; row += OuterTile<TLanes>.Rows, a += leftSliver)
                {
                    float* tile = c + (row * Columns) + column;
                    if (rows - row >= OuterTile<TLanes>.Rows && columns - column >= OuterTile<TLanes>.Columns)
                        OuterTile<TLanes>.Multiply(a, right, steps, rows - row, new(tile, assign ? 0 : 1, 0, Columns), tile, Columns);
                    else MultiplyEdge(a, right, steps, tile, rows - row, columns - column, assign, edge);
                }
            }
        }

        private readonly void MultiplyEdge(float* a, float* right, long steps, float* tile, long rows, long columns, bool assign, float* edge)
        {
            OuterTile<TLanes>.Multiply(a, right, steps, rows, default, edge, OuterTile<TLanes>.Columns);
            for (long r = 0; r < Math.Min(rows, OuterTile<TLanes>.Rows); r++)
                for (long i = 0; i < Math.Min(columns, OuterTile<TLanes>.Columns); i++)
                    tile[(r * Columns) + i] = edge[(r * OuterTile<TLanes>.Columns) + i] + (assign ? 0 : tile[(r * Columns) + i]);
        }
    }
}
