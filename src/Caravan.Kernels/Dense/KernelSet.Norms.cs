namespace Caravan.Kernels;

internal abstract partial class KernelSet
{
    /// <summary>
    /// y[r, :] = x[r, :] / √(mean(x[r, :]²) + epsilon) · weight. The weight has one row of columns, or several that rows take in turn
    /// (one for each head), or is empty (1).
    /// </summary>
    public abstract void RmsNorm(NativeSpan<float> x, NativeSpan<float> weight, long columns, float epsilon, NativeSpan<float> y);

    /// <summary>Adds the gradients of <see cref="RmsNorm"/> to gradientX and gradientWeight (either may be empty).</summary>
    public abstract void RmsNormBackward(
        NativeSpan<float> x, NativeSpan<float> weight, long columns, float epsilon, NativeSpan<float> gradientY, NativeSpan<float> gradientX,
        NativeSpan<float> gradientWeight);

    /// <summary>y[r, :] = (x[r, :] − mean) / √(variance + epsilon) · weight + bias; both as in <see cref="RmsNorm"/>.</summary>
    public abstract void LayerNorm(
        NativeSpan<float> x, NativeSpan<float> weight, NativeSpan<float> bias, long columns, float epsilon, NativeSpan<float> y);

    /// <summary>Adds the gradients of <see cref="LayerNorm"/> to gradientX, gradientWeight and gradientBias (each may be empty).</summary>
    public abstract void LayerNormBackward(
        NativeSpan<float> x, NativeSpan<float> weight, long columns, float epsilon, NativeSpan<float> gradientY,
        NativeSpan<float> gradientX, NativeSpan<float> gradientWeight, NativeSpan<float> gradientBias);
}

internal sealed unsafe partial class KernelSet<TLanes>
{
    public override void RmsNorm(NativeSpan<float> x, NativeSpan<float> weight, long columns, float epsilon, NativeSpan<float> y)
    {
        NormJob job = new() { X = x.Pointer, Weight = Optional(weight), WeightFloats = weight.Length, Y = y.Pointer, Columns = columns, Epsilon = epsilon };
        Workers.For(x.Length / columns, RowGrain(columns), job);
    }

    public override void LayerNorm(
        NativeSpan<float> x, NativeSpan<float> weight, NativeSpan<float> bias, long columns, float epsilon, NativeSpan<float> y)
    {
        NormJob job = new()
        {
            X = x.Pointer, Weight = Optional(weight), Bias = Optional(bias), WeightFloats = Math.Max(weight.Length, bias.Length), Y = y.Pointer,
            Columns = columns, Epsilon = epsilon, Centred = true,
        };
        Workers.For(x.Length / columns, RowGrain(columns), job);
    }

    public override void RmsNormBackward(
        NativeSpan<float> x, NativeSpan<float> weight, long columns, float epsilon, NativeSpan<float> gradientY, NativeSpan<float> gradientX,
        NativeSpan<float> gradientWeight) => NormBackward(x, weight, columns, epsilon, centred: false, gradientY, gradientX, gradientWeight, default);

    public override void LayerNormBackward(
        NativeSpan<float> x, NativeSpan<float> weight, long columns, float epsilon, NativeSpan<float> gradientY,
        NativeSpan<float> gradientX, NativeSpan<float> gradientWeight, NativeSpan<float> gradientBias) =>
        NormBackward(x, weight, columns, epsilon, centred: true, gradientY, gradientX, gradientWeight, gradientBias);

    private static float* Optional(NativeSpan<float> span) => span.Length == 0 ? null : span.Pointer;

    /// <summary>Mean (0 when not centred) and 1/√(mean square deviation + epsilon) of a row.</summary>
    private static (float Mean, float Inverse) Moments(float* x, long columns, float epsilon, bool centred)
    {
        if (!centred) return (0, 1 / MathF.Sqrt((Dot(x, x, columns) / columns) + epsilon));
        float mean = Sum(x, columns) / columns;
        TLanes centre = TLanes.Broadcast(mean), total = TLanes.Broadcast(0);
        long i = 0;
        for (; i + TLanes.Count <= columns; i += TLanes.Count)
        {
            TLanes deviation = TLanes.Load(x + i) - centre;
            total = TLanes.MultiplyAdd(deviation, deviation, total);
        }

        float squares = TLanes.Sum(total);
        for (; i < columns; i++) squares += (x[i] - mean) * (x[i] - mean);
        return (mean, 1 / MathF.Sqrt((squares / columns) + epsilon));
    }

    /// <summary>
    /// With x̂ the normalised row and g = dy·weight: dx = (g − [mean(g)] − x̂·mean(g·x̂)) / σ, dweight = Σ dy·x̂, dbias = Σ dy.
    /// The weight gradient sums over rows, so rows are shared out for dx only and columns are summed in row order.
    /// </summary>
    private void NormBackward(
        NativeSpan<float> x, NativeSpan<float> weight, long columns, float epsilon, bool centred, NativeSpan<float> gradientY,
        NativeSpan<float> gradientX, NativeSpan<float> gradientWeight, NativeSpan<float> gradientBias)
    {
        long rows = x.Length / columns;
        NormBackwardJob job = new()
        {
            X = x.Pointer, Weight = Optional(weight), WeightFloats = weight.Length, GradientY = gradientY.Pointer, GradientX = Optional(gradientX),
            Columns = columns, Epsilon = epsilon, Centred = centred,
        };
        if (gradientX.Length > 0) Workers.For(rows, RowGrain(columns), job);
        if (gradientBias.Length > 0) AddColumnSums(gradientY, gradientBias);
        if (gradientWeight.Length == 0) return;
        NormWeightJob sums = new() { X = x.Pointer, GradientY = gradientY.Pointer, Sums = gradientWeight.Pointer, Groups = gradientWeight.Length / columns, Rows = rows, Columns = columns, Epsilon = epsilon, Centred = centred };
        Workers.For(columns, ColumnGrain(columns, rows), sums);
    }

    private struct NormJob : IRangeJob
    {
        public float* X;
        public float* Weight;
        public float* Bias;
        public long WeightFloats;
        public float* Y;
        public long Columns;
        public float Epsilon;
        public bool Centred;

        public readonly void Execute(long start, long end, float* scratch)
        {
            for (long row = start; row < end; row++)
            {
                float* x = X + (row * Columns), y = Y + (row * Columns);
                (float mean, float inverse) = Moments(x, Columns, Epsilon, Centred);
                Map(new Affine { Shift = mean, Factor = inverse }, x, x, y, Columns);
                long part = WeightFloats == 0 ? 0 : row * Columns % WeightFloats;
                if (Weight != null) Map(default(Product), y, Weight + part, y, Columns);
                if (Bias != null) Map(default(Sum2), y, Bias + part, y, Columns);
            }
        }
    }

    private struct NormBackwardJob : IRangeJob
    {
        public float* X;
        public float* Weight;
        public long WeightFloats;
        public float* GradientY;
        public float* GradientX;
        public long Columns;
        public float Epsilon;
        public bool Centred;

        public readonly void Execute(long start, long end, float* scratch)
        {
            for (long row = start; row < end; row++)
            {
                float* x = X + (row * Columns), gradientY = GradientY + (row * Columns), gradientX = GradientX + (row * Columns);
                (float mean, float inverse) = Moments(x, Columns, Epsilon, Centred);
                float* weight = Weight == null ? null : Weight + (row * Columns % WeightFloats);
                TLanes sums = TLanes.Broadcast(0), projections = sums, centre = TLanes.Broadcast(mean);
                long i = 0;
                for (; i + TLanes.Count <= Columns; i += TLanes.Count)
                {
                    TLanes g = Scaled<TLanes>(gradientY, weight, i);
                    sums += g;
                    projections = TLanes.MultiplyAdd(g, TLanes.Load(x + i) - centre, projections);
                }

                float sum = TLanes.Sum(sums), projection = TLanes.Sum(projections);
                for (; i < Columns; i++)
                {
                    float g = gradientY[i] * (weight == null ? 1 : weight[i]);
                    sum += g;
                    projection += g * (x[i] - mean);
                }

                float meanGradient = Centred ? sum / Columns : 0, slope = projection * inverse * inverse / Columns;
                for (i = 0; i + TLanes.Count <= Columns; i += TLanes.Count) Add<TLanes>(x, gradientY, weight, gradientX, i, mean, meanGradient, slope, inverse);
                for (; i < Columns; i++) Add<Lanes1>(x, gradientY, weight, gradientX, i, mean, meanGradient, slope, inverse);
            }
        }

        private static T Scaled<T>(float* gradientY, float* weight, long i)
            where T : unmanaged, ILanes<T> => weight == null ? T.Load(gradientY + i) : T.Load(gradientY + i) * T.Load(weight + i);

        private static void Add<T>(float* x, float* gradientY, float* weight, float* gradientX, long i, float mean, float meanGradient, float slope, float inverse)
            where T : unmanaged, ILanes<T>
        {
            T g = Scaled<T>(gradientY, weight, i) - T.Broadcast(meanGradient) - ((T.Load(x + i) - T.Broadcast(mean)) * T.Broadcast(slope));
            T.Store(T.MultiplyAdd(T.Broadcast(inverse), g, T.Load(gradientX + i)), gradientX + i);
        }
    }

    /// <summary>Items are columns, so that each sum goes through the rows in order; every thread computes the moments of all rows.</summary>
    private struct NormWeightJob : IRangeJob
    {
        public float* X;
        public float* GradientY;
        public float* Sums;
        public long Groups;
        public long Rows;
        public long Columns;
        public float Epsilon;
        public bool Centred;

        public readonly void Execute(long start, long end, float* scratch)
        {
            for (long row = 0; row < Rows; row++)
            {
                float* x = X + (row * Columns), gradient = GradientY + (row * Columns), sums = Sums + (row % Groups * Columns);
                (float mean, float inverse) = Moments(x, Columns, Epsilon, Centred);
                long i = start;
                for (; i + TLanes.Count <= end; i += TLanes.Count) Add<TLanes>(x + i, gradient + i, sums + i, mean, inverse);
                for (; i < end; i++) Add<Lanes1>(x + i, gradient + i, sums + i, mean, inverse);
            }
        }

        private static void Add<T>(float* x, float* gradient, float* sums, float mean, float inverse)
            where T : unmanaged, ILanes<T> =>
            T.Store(T.MultiplyAdd(T.Load(gradient), (T.Load(x) - T.Broadcast(mean)) * T.Broadcast(inverse), T.Load(sums)), sums);
    }

    /// <summary>(a − shift) · factor.</summary>
    private struct Affine : IMap
    {
        public float Shift;
        public float Factor;

        public readonly T Apply<T>(T a, T b)
            where T : unmanaged, ILanes<T> => (a - T.Broadcast(Shift)) * T.Broadcast(Factor);
    }

    private struct Product : IMap
    {
        public readonly T Apply<T>(T a, T b)
            where T : unmanaged, ILanes<T> => a * b;
    }
}
