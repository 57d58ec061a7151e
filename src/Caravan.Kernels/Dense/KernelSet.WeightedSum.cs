namespace Caravan.Kernels;

internal abstract partial class KernelSet
{
    /// <summary>y[n, :] = Σ weights[n, j] · x[places[n, j], :], in the order of j; every place must be a row of x.</summary>
    public abstract void WeightedSum(NativeSpan<float> x, NativeSpan<int> places, NativeSpan<float> weights, long columns, NativeSpan<float> y);

    /// <summary>
    /// gradientX[places[n, j], :] += weights[n, j] · gradientY[n, :] and gradientWeights[n, j] += Σ gradientY[n, :] · x[places[n, j], :]; either may
    /// be empty. No two places may be alike.
    /// </summary>
    public abstract void WeightedSumBackward(
        NativeSpan<float> x, NativeSpan<int> places, NativeSpan<float> weights, long columns, NativeSpan<float> gradientY,
        NativeSpan<float> gradientX, NativeSpan<float> gradientWeights);
}

internal sealed unsafe partial class KernelSet<TLanes>
{
    public override void WeightedSum(NativeSpan<float> x, NativeSpan<int> places, NativeSpan<float> weights, long columns, NativeSpan<float> y)
    {
        long rows = y.Length / columns;
        if (rows == 0) return;
        long terms = places.Length / rows;
        WeightedSumJob job = new() { X = x.Pointer, Places = places.Pointer, Weights = weights.Pointer, Terms = terms, Columns = columns, Y = y.Pointer };
        Workers.For(rows, RowGrain(columns * terms), job);
    }

    public override void WeightedSumBackward(
        NativeSpan<float> x, NativeSpan<int> places, NativeSpan<float> weights, long columns, NativeSpan<float> gradientY,
        NativeSpan<float> gradientX, NativeSpan<float> gradientWeights)
    {
        long rows = gradientY.Length / columns;
        if (rows == 0) return;
        long terms = places.Length / rows;
        WeightedSumBackwardJob job = new()
        {
            X = x.Pointer, Places = places.Pointer, Weights = weights.Pointer, Terms = terms, Columns = columns, GradientY = gradientY.Pointer,
            GradientX = Optional(gradientX), GradientWeights = Optional(gradientWeights),
        };
        Workers.For(rows, RowGrain(columns * terms), job);
    }

    /// <summary>Items are rows of the result.</summary>
    private struct WeightedSumJob : IRangeJob
    {
        public float* X;
        public int* Places;
        public float* Weights;
        public long Terms;
        public long Columns;
        public float* Y;

        public readonly void Execute(long start, long end, float* scratch)
        {
            for (long row = start; row < end; row++)
            {
                float* y = Y + (row * Columns);
                new Span<float>(y, checked((int)Columns)).Clear();
                for (long term = row * Terms; term < (row + 1) * Terms; term++) AddScaled(y, Weights[term], X + (Places[term] * Columns), Columns);
            }
        }
    }

    /// <summary>Items are rows of the result: no two write the same gradient.</summary>
    private struct WeightedSumBackwardJob : IRangeJob
    {
        public float* X;
        public int* Places;
        public float* Weights;
        public long Terms;
        public long Columns;
        public float* GradientY;
        public float* GradientX;
        public float* GradientWeights;

        public readonly void Execute(long start, long end, float* scratch)
        {
            for (long term = start * Terms; term < end * Terms; term++)
            {
                float* gradient = GradientY + (term / Terms * Columns);
                if (GradientX != null) AddScaled(GradientX + (Places[term] * Columns), Weights[term], gradient, Columns);
                if (GradientWeights != null) GradientWeights[term] += Dot(gradient, X + (Places[term] * Columns), Columns);
            }
        }
    }
}
