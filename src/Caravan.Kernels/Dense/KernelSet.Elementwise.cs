namespace Caravan.Kernels;

internal abstract partial class KernelSet
{
    /// <summary>y = a + b, element by element; y may be a or b.</summary>
    public abstract void Add(NativeSpan<float> a, NativeSpan<float> b, NativeSpan<float> y);

    /// <summary>y = factor · x; y may be x.</summary>
    public abstract void Scale(NativeSpan<float> x, float factor, NativeSpan<float> y);

    /// <summary>y[r, :] = x[r, :] + bias[:] for every row; y may be x.</summary>
    public abstract void AddBias(NativeSpan<float> x, NativeSpan<float> bias, NativeSpan<float> y);

    /// <summary>sums[:] += Σ over rows of x[r, :], in row order.</summary>
    public abstract void AddColumnSums(NativeSpan<float> x, NativeSpan<float> sums);

    /// <summary>Σ x², accumulated in double.</summary>
    public abstract double SumOfSquares(NativeSpan<float> x);
}

internal sealed unsafe partial class KernelSet<TLanes>
{
    public override void Add(NativeSpan<float> a, NativeSpan<float> b, NativeSpan<float> y) =>
        Workers.For(y.Length, ElementsPerPiece, new MapJob<Sum2> { A = a.Pointer, B = b.Pointer, Y = y.Pointer });

    public override void Scale(NativeSpan<float> x, float factor, NativeSpan<float> y) =>
        Workers.For(y.Length, ElementsPerPiece, new MapJob<Scaled> { A = x.Pointer, B = x.Pointer, Y = y.Pointer, Function = new Scaled { Factor = factor } });

    public override void AddBias(NativeSpan<float> x, NativeSpan<float> bias, NativeSpan<float> y)
    {
        long columns = bias.Length;
        Workers.For(x.Length / columns, RowGrain(columns), new BiasJob { X = x.Pointer, Bias = bias.Pointer, Y = y.Pointer, Columns = columns });
    }

    public override void AddColumnSums(NativeSpan<float> x, NativeSpan<float> sums)
    {
        ColumnSumsJob job = new() { X = x.Pointer, Sums = sums.Pointer, Rows = x.Length / sums.Length, Columns = sums.Length };
        Workers.For(job.Columns, ColumnGrain(job.Columns, job.Rows), job);
    }

    public override double SumOfSquares(NativeSpan<float> x)
    {
        const long Piece = 4096;
        double sum = 0;
        for (long start = 0; start < x.Length; start += Piece)
        {
            float* part = x.Pointer + start;
            sum += Dot(part, part, Math.Min(Piece, x.Length - start));
        }

        return sum;
    }

    private struct Sum2 : IMap
    {
        public readonly T Apply<T>(T a, T b)
            where T : unmanaged, ILanes<T> => a + b;
    }

    private struct Scaled : IMap
    {
        public float Factor;

        public readonly T Apply<T>(T a, T b)
            where T : unmanaged, ILanes<T> => T.Broadcast(Factor) * a;
    }

    private struct MapJob<TMap> : IRangeJob
        where TMap : unmanaged, IMap
    {
        public float* A;
        public float* B;
        public float* Y;
        public TMap Function;

        public readonly void Execute(long start, long end, float* scratch) => Map(Function, A + start, B + start, Y + start, end - start);
    }

    private struct BiasJob : IRangeJob
    {
        public float* X;
        public float* Bias;
        public float* Y;
        public long Columns;

        public readonly void Execute(long start, long end, float* scratch)
        {
            for (long row = start; row < end; row++) Map(default(Sum2), X + (row * Columns), Bias, Y + (row * Columns), Columns);
        }
    }

    /// <summary>Items are columns: every thread goes through all rows.</summary>
    private struct ColumnSumsJob : IRangeJob
    {
        public float* X;
        public float* Sums;
        public long Rows;
        public long Columns;

        public readonly void Execute(long start, long end, float* scratch)
        {
            for (long row = 0; row < Rows; row++) AddScaled(Sums + start, 1, X + (row * Columns) + start, end - start);
        }
    }
}
