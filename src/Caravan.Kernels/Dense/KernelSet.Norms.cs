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
        for (long row = 0; row < rows; row++)
        {
            float* input = x.Pointer + (row * columns), gradient = gradientY.Pointer + (row * columns);
            (float mean, float inverse) = Moments(input, columns, epsilon, centred);
            float* sums = gradientWeight.Pointer + (row * columns % gradientWeight.Length);
            for (long i = 0; i < columns; i++) sums[i] += gradient[i] * (input[i] - mean) * inverse;
        }
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
                double sum = 0, projection = 0;
                float* weight = Weight == null ? null : Weight + (row * Columns % WeightFloats);
                for (long i = 0; i < Columns; i++)
                {
                    float g = gradientY[i] * (weight == null ? 1 : weight[i]);
                    sum += g;
                    projection += g * (x[i] - mean) * inverse;
                }

                float meanGradient = Centred ? (float)(sum / Columns) : 0, meanProjection = (float)(projection / Columns);
                for (long i = 0; i < Columns; i++)
                {
                    float g = gradientY[i] * (weight == null ? 1 : weight[i]);
                    gradientX[i] += inverse * (g - meanGradient - ((x[i] - mean) * inverse * meanProjection));
                }
            }
        }
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
