namespace Caravan.Kernels;

internal abstract partial class KernelSet
{
    /// <summary>rowMeans[r] = mean over c of x[r, c]², columnMeans[c] = mean over r of x[r, c]².</summary>
    public abstract void SquareMeans(NativeSpan<float> x, NativeSpan<float> rowMeans, NativeSpan<float> columnMeans);

    /// <summary>sums[r] = Σ over c of (x[r, c] · rowFactors[r] · columnFactors[c])².</summary>
    public abstract void ScaledRowSquares(NativeSpan<float> x, NativeSpan<float> rowFactors, NativeSpan<float> columnFactors, NativeSpan<float> sums);

    /// <summary>y[r, c] = keep · y[r, c] + factor · x[r, c] · rowFactors[r] · columnFactors[c].</summary>
    public abstract void AddOuterScaled(
        NativeSpan<float> x, NativeSpan<float> rowFactors, NativeSpan<float> columnFactors, float factor, float keep, NativeSpan<float> y);
}

internal sealed unsafe partial class KernelSet<TLanes>
{
    public override void SquareMeans(NativeSpan<float> x, NativeSpan<float> rowMeans, NativeSpan<float> columnMeans)
    {
        long rows = rowMeans.Length, columns = columnMeans.Length;
        Workers.For(rows, RowGrain(columns), new RowSquaresJob { X = x.Pointer, Means = rowMeans.Pointer, Columns = columns });
        Workers.For(columns, ColumnGrain(columns, rows), new ColumnSquaresJob { X = x.Pointer, Means = columnMeans.Pointer, Rows = rows, Columns = columns });
    }

    public override void ScaledRowSquares(NativeSpan<float> x, NativeSpan<float> rowFactors, NativeSpan<float> columnFactors, NativeSpan<float> sums)
    {
        long rows = rowFactors.Length, columns = columnFactors.Length;
        ScaledSquaresJob job = new()
        {
            X = x.Pointer, RowFactors = rowFactors.Pointer, ColumnFactors = columnFactors.Pointer, Sums = sums.Pointer, Columns = columns,
        };
        Workers.For(rows, RowGrain(columns), job);
    }

    public override void AddOuterScaled(
        NativeSpan<float> x, NativeSpan<float> rowFactors, NativeSpan<float> columnFactors, float factor, float keep, NativeSpan<float> y)
    {
        long rows = rowFactors.Length, columns = columnFactors.Length;
        OuterScaledJob job = new()
        {
            X = x.Pointer, RowFactors = rowFactors.Pointer, ColumnFactors = columnFactors.Pointer, Y = y.Pointer, Columns = columns, Factor = factor, Keep = keep,
        };
        Workers.For(rows, RowGrain(columns), job);
    }

    private struct RowSquaresJob : IRangeJob
    {
        public float* X;
        public float* Means;
        public long Columns;

        public readonly void Execute(long start, long end, float* scratch)
        {
            for (long row = start; row < end; row++) Means[row] = Dot(X + (row * Columns), X + (row * Columns), Columns) / Columns;
        }
    }

    /// <summary>Items are columns: every thread goes through all rows.</summary>
    private struct ColumnSquaresJob : IRangeJob
    {
        public float* X;
        public float* Means;
        public long Rows;
        public long Columns;

        public readonly void Execute(long start, long end, float* scratch)
        {
            new Span<float>(Means + start, (int)(end - start)).Clear();
            for (long row = 0; row < Rows; row++)
            {
                float* x = X + (row * Columns);
                new AddProductsJob { A = x, B = x, Y = Means }.Execute(start, end, scratch);
            }

            Map(new Scaled { Factor = 1f / Rows }, Means + start, Means + start, Means + start, end - start);
        }
    }

    private struct ScaledSquaresJob : IRangeJob
    {
        public float* X;
        public float* RowFactors;
        public float* ColumnFactors;
        public float* Sums;
        public long Columns;

        public readonly void Execute(long start, long end, float* scratch)
        {
            for (long row = start; row < end; row++)
            {
                float* x = X + (row * Columns);
                TLanes lanes = TLanes.Broadcast(0);
                Lanes1 rest = Lanes1.Broadcast(0);
                long c = 0;
                for (; c + TLanes.Count <= Columns; c += TLanes.Count) lanes = AddSquare(lanes, x + c, ColumnFactors + c);
                for (; c < Columns; c++) rest = AddSquare(rest, x + c, ColumnFactors + c);
                Sums[row] = (TLanes.Sum(lanes) + Lanes1.Sum(rest)) * RowFactors[row] * RowFactors[row];
            }
        }

        private static T AddSquare<T>(T sum, float* x, float* factor)
            where T : unmanaged, ILanes<T>
        {
            T value = T.Load(x) * T.Load(factor);
            return T.MultiplyAdd(value, value, sum);
        }
    }

    private struct OuterScaledJob : IRangeJob
    {
        public float* X;
        public float* RowFactors;
        public float* ColumnFactors;
        public float* Y;
        public long Columns;
        public float Factor;
        public float Keep;

        public readonly void Execute(long start, long end, float* scratch)
        {
            for (long row = start; row < end; row++)
            {
                float* x = X + (row * Columns), y = Y + (row * Columns);
                float factor = Factor * RowFactors[row];
                long c = 0;
                for (; c + TLanes.Count <= Columns; c += TLanes.Count) Step<TLanes>(x + c, ColumnFactors + c, factor, y + c);
                for (; c < Columns; c++) Step<Lanes1>(x + c, ColumnFactors + c, factor, y + c);
            }
        }

        private readonly void Step<T>(float* x, float* columnFactor, float factor, float* y)
            where T : unmanaged, ILanes<T> =>
            T.Store(T.MultiplyAdd(T.Load(x) * T.Load(columnFactor), T.Broadcast(factor), T.Broadcast(Keep) * T.Load(y)), y);
    }
}
