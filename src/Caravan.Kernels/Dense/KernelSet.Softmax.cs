namespace Caravan.Kernels;

internal abstract partial class KernelSet
{
    /// <summary>y[r, :] = exp(x[r, :] − max) / Σ exp(x[r, :] − max); y may be x.</summary>
    public abstract void Softmax(NativeSpan<float> x, long columns, NativeSpan<float> y);

    /// <summary>gradientX[r, :] += y·(gradientY − Σ y·gradientY), where y is the softmax.</summary>
    public abstract void SoftmaxBackward(NativeSpan<float> y, long columns, NativeSpan<float> gradientY, NativeSpan<float> gradientX);
}

internal sealed unsafe partial class KernelSet<TLanes>
{
    public override void Softmax(NativeSpan<float> x, long columns, NativeSpan<float> y) =>
        Workers.For(x.Length / columns, RowGrain(columns), new SoftmaxJob { X = x.Pointer, Y = y.Pointer, Columns = columns });

    public override void SoftmaxBackward(NativeSpan<float> y, long columns, NativeSpan<float> gradientY, NativeSpan<float> gradientX) =>
        Workers.For(
            y.Length / columns,
            RowGrain(columns),
            new SoftmaxBackwardJob { Y = y.Pointer, GradientY = gradientY.Pointer, GradientX = gradientX.Pointer, Columns = columns });

    private struct SoftmaxJob : IRangeJob
    {
        public float* X;
        public float* Y;
        public long Columns;

        public readonly void Execute(long start, long end, float* scratch)
        {
            for (long row = start; row < end; row++)
            {
                float* x = X + (row * Columns), y = Y + (row * Columns);
                float sum = ExpSum(x, KernelSet<TLanes>.Max(x, Columns), y, Columns);
                KernelSet<TLanes>.Scale(y, 1 / sum, Columns);
            }
        }
    }

    private struct SoftmaxBackwardJob : IRangeJob
    {
        public float* Y;
        public float* GradientY;
        public float* GradientX;
        public long Columns;

        public readonly void Execute(long start, long end, float* scratch)
        {
            for (long row = start; row < end; row++)
            {
                float* y = Y + (row * Columns), gradientY = GradientY + (row * Columns), gradientX = GradientX + (row * Columns);
                float projection = Dot(y, gradientY, Columns);
                for (long i = 0; i < Columns; i++) gradientX[i] += y[i] * (gradientY[i] - projection);
            }
        }
    }
}
