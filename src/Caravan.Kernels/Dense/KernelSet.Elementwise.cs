namespace Caravan.Kernels;

internal abstract partial class KernelSet
{
    /// <summary>y = a + b, element by element; y may be a or b.</summary>
    public abstract void Add(NativeSpan<float> a, NativeSpan<float> b, NativeSpan<float> y);

    /// <summary>y = factor · x; y may be x.</summary>
    public abstract void Scale(NativeSpan<float> x, float factor, NativeSpan<float> y);

    /// <summary>y += factor · x.</summary>
    public abstract void AddScaled(NativeSpan<float> x, float factor, NativeSpan<float> y);

    /// <summary>y = a · b, element by element; y may be a or b.</summary>
    public abstract void Multiply(NativeSpan<float> a, NativeSpan<float> b, NativeSpan<float> y);

    /// <summary>y += a · b, element by element.</summary>
    public abstract void AddProducts(NativeSpan<float> a, NativeSpan<float> b, NativeSpan<float> y);

    /// <summary>y = min(max(x, −bound), bound); y may be x.</summary>
    public abstract void Clamp(NativeSpan<float> x, float bound, NativeSpan<float> y);

    /// <summary>gradientX += gradientY where |x| ≤ bound.</summary>
    public abstract void ClampBackward(NativeSpan<float> x, float bound, NativeSpan<float> gradientY, NativeSpan<float> gradientX);

    /// <summary>y[r, :] = factors[r] · x[r, :].</summary>
    public abstract void ScaleRows(NativeSpan<float> x, NativeSpan<float> factors, NativeSpan<float> y);

    /// <summary>gradientX[r, :] += factors[r] · gradientY[r, :] and gradientFactors[r] += gradientY[r, :] · x[r, :]; either may be empty.</summary>
    public abstract void ScaleRowsBackward(
        NativeSpan<float> x, NativeSpan<float> factors, NativeSpan<float> gradientY, NativeSpan<float> gradientX, NativeSpan<float> gradientFactors);

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

    public override void AddScaled(NativeSpan<float> x, float factor, NativeSpan<float> y) =>
        Workers.For(y.Length, ElementsPerPiece, new MapJob<AddedScaled> { A = x.Pointer, B = y.Pointer, Y = y.Pointer, Function = new AddedScaled { Factor = factor } });

    public override void Multiply(NativeSpan<float> a, NativeSpan<float> b, NativeSpan<float> y) =>
        Workers.For(y.Length, ElementsPerPiece, new MapJob<Product> { A = a.Pointer, B = b.Pointer, Y = y.Pointer });

    public override void AddProducts(NativeSpan<float> a, NativeSpan<float> b, NativeSpan<float> y) =>
        Workers.For(y.Length, ElementsPerPiece, new AddProductsJob { A = a.Pointer, B = b.Pointer, Y = y.Pointer });

    public override void Clamp(NativeSpan<float> x, float bound, NativeSpan<float> y) =>
        Workers.For(y.Length, ElementsPerPiece, new MapJob<Clamped> { A = x.Pointer, B = x.Pointer, Y = y.Pointer, Function = new Clamped { Bound = bound } });

    public override void ClampBackward(NativeSpan<float> x, float bound, NativeSpan<float> gradientY, NativeSpan<float> gradientX) =>
        Workers.For(x.Length, ElementsPerPiece, new ClampBackwardJob { X = x.Pointer, GradientY = gradientY.Pointer, GradientX = gradientX.Pointer, Bound = bound });

    public override void ScaleRows(NativeSpan<float> x, NativeSpan<float> factors, NativeSpan<float> y)
    {
        long rows = factors.Length, columns = x.Length / rows;
        Workers.For(rows, RowGrain(columns), new RowScaleJob { X = x.Pointer, Factors = factors.Pointer, Y = y.Pointer, Columns = columns });
    }

    public override void ScaleRowsBackward(
        NativeSpan<float> x, NativeSpan<float> factors, NativeSpan<float> gradientY, NativeSpan<float> gradientX, NativeSpan<float> gradientFactors)
    {
        long rows = factors.Length, columns = x.Length / rows;
        RowScaleBackwardJob job = new()
        {
            X = x.Pointer, Factors = factors.Pointer, GradientY = gradientY.Pointer, GradientX = Optional(gradientX),
            GradientFactors = Optional(gradientFactors), Columns = columns,
        };
        Workers.For(rows, RowGrain(columns), job);
    }

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
        double* sums = stackalloc double[SquaresJob.Parts];
        SquaresJob job = new() { X = x.Pointer, Count = x.Length, Sums = sums };
        Workers.For(SquaresJob.Parts, Math.Max(1, ElementsPerPiece * SquaresJob.Parts / Math.Max(1, x.Length)), job);
        double sum = 0;
        for (int part = 0; part < SquaresJob.Parts; part++) sum += sums[part];
        return sum;
    }

    /// <summary>Items are parts, as many for any number of threads.</summary>
    private struct SquaresJob : IRangeJob
    {
        public const int Parts = 64;

        /// <summary>Elements whose squares are summed in float.</summary>
        private const long Together = 4096;

        public float* X;
        public long Count;
        public double* Sums;

        public readonly void Execute(long start, long end, float* scratch)
        {
            for (long part = start; part < end; part++)
            {
                double sum = 0;
                long last = Count * (part + 1) / Parts;
                for (long i = Count * part / Parts; i < last; i += Together) sum += Dot(X + i, X + i, Math.Min(Together, last - i));
                Sums[part] = sum;
            }
        }
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

    /// <summary>b + factor · a.</summary>
    private struct AddedScaled : IMap
    {
        public float Factor;

        public readonly T Apply<T>(T a, T b)
            where T : unmanaged, ILanes<T> => T.MultiplyAdd(T.Broadcast(Factor), a, b);
    }

    private struct AddProductsJob : IRangeJob
    {
        public float* A;
        public float* B;
        public float* Y;

        public readonly void Execute(long start, long end, float* scratch)
        {
            long i = start;
            for (; i + TLanes.Count <= end; i += TLanes.Count) Step<TLanes>(i);
            for (; i < end; i++) Step<Lanes1>(i);
        }

        private readonly void Step<T>(long i)
            where T : unmanaged, ILanes<T> => T.Store(T.MultiplyAdd(T.Load(A + i), T.Load(B + i), T.Load(Y + i)), Y + i);
    }

    private struct Clamped : IMap
    {
        public float Bound;

        public readonly T Apply<T>(T a, T b)
            where T : unmanaged, ILanes<T> => T.Min(T.Max(a, T.Broadcast(-Bound)), T.Broadcast(Bound));
    }

    private struct ClampBackwardJob : IRangeJob
    {
        public float* X;
        public float* GradientY;
        public float* GradientX;
        public float Bound;

        public readonly void Execute(long start, long end, float* scratch)
        {
            for (long i = start; i < end; i++)
                if (MathF.Abs(X[i]) <= Bound) GradientX[i] += GradientY[i];
        }
    }

    private struct RowScaleJob : IRangeJob
    {
        public float* X;
        public float* Factors;
        public float* Y;
        public long Columns;

        public readonly void Execute(long start, long end, float* scratch)
        {
            for (long row = start; row < end; row++)
            {
                float* x = X + (row * Columns);
                Map(new Scaled { Factor = Factors[row] }, x, x, Y + (row * Columns), Columns);
            }
        }
    }

    private struct RowScaleBackwardJob : IRangeJob
    {
        public float* X;
        public float* Factors;
        public float* GradientY;
        public float* GradientX;
        public float* GradientFactors;
        public long Columns;

        public readonly void Execute(long start, long end, float* scratch)
        {
            for (long row = start; row < end; row++)
            {
                float* gradient = GradientY + (row * Columns);
                if (GradientX != null) KernelSet<TLanes>.AddScaled(GradientX + (row * Columns), Factors[row], gradient, Columns);
                if (GradientFactors != null) GradientFactors[row] += Dot(gradient, X + (row * Columns), Columns);
            }
        }
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
