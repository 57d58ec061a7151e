namespace Caravan.Kernels;

internal abstract partial class KernelSet
{
    /// <summary>y[r, :] = exp(x[r, :] − max) / Σ exp(x[r, :] − max); y may be x.</summary>
    public abstract void Softmax(NativeSpan<float> x, long columns, NativeSpan<float> y);

    /// <summary>gradientX[r, :] += y·(gradientY − Σ y·gradientY), where y is the softmax.</summary>
    public abstract void SoftmaxBackward(NativeSpan<float> y, long columns, NativeSpan<float> gradientY, NativeSpan<float> gradientX);

    /// <summary>
    /// losses[r] = log Σ exp(logits[r, :]) − logits[r, labels[r]] (natural logarithm), or 0 where the label is negative.
    /// </summary>
    public abstract void CrossEntropy(NativeSpan<float> logits, NativeSpan<int> labels, NativeSpan<float> losses);

    /// <summary>gradientLogits[r, :] += factor · (softmax(logits[r, :]) − onehot(labels[r])), rows with a negative label excepted.</summary>
    public abstract void CrossEntropyBackward(NativeSpan<float> logits, NativeSpan<int> labels, float factor, NativeSpan<float> gradientLogits);
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

    public override void CrossEntropy(NativeSpan<float> logits, NativeSpan<int> labels, NativeSpan<float> losses)
    {
        if (labels.Length == 0) return;
        long columns = logits.Length / labels.Length;
        CrossEntropyJob job = new() { Logits = logits.Pointer, Labels = labels.Pointer, Losses = losses.Pointer, Columns = columns };
        Workers.For(labels.Length, RowGrain(columns), job);
    }

    public override void CrossEntropyBackward(NativeSpan<float> logits, NativeSpan<int> labels, float factor, NativeSpan<float> gradientLogits)
    {
        if (labels.Length == 0) return;
        long columns = logits.Length / labels.Length;
        CrossEntropyJob job = new()
        {
            Logits = logits.Pointer, Labels = labels.Pointer, Gradient = gradientLogits.Pointer, Columns = columns, Factor = factor,
        };
        Workers.For(labels.Length, RowGrain(columns), job);
    }

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

    /// <summary>Losses when <see cref="Gradient"/> is null, else gradients.</summary>
    private struct CrossEntropyJob : IRangeJob
    {
        public float* Logits;
        public int* Labels;
        public float* Losses;
        public float* Gradient;
        public long Columns;
        public float Factor;

        public readonly void Execute(long start, long end, float* scratch)
        {
            for (long row = start; row < end; row++)
            {
                float* logits = Logits + (row * Columns);
                int label = Labels[row];
                if (Gradient != null) AddGradient(logits, label, Gradient + (row * Columns));
                else Losses[row] = label < 0 ? 0 : Loss(logits, label);
            }
        }

        private readonly float Loss(float* logits, int label)
        {
            float max = KernelSet<TLanes>.Max(logits, Columns);
            return MathF.Log((float)ExpSumOf(logits, max)) + (max - logits[label]);
        }

        private readonly void AddGradient(float* logits, int label, float* gradient)
        {
            if (label < 0) return;
            float max = KernelSet<TLanes>.Max(logits, Columns);
            float scale = (float)(Factor / ExpSumOf(logits, max));
            Map(new ScaledExp { Shift = max, Factor = scale }, logits, gradient, gradient, Columns);
            gradient[label] -= Factor;
        }

        /// <summary>Σ exp(x − shift) in double: vocabularies are long and the terms are of very different sizes.</summary>
        private readonly double ExpSumOf(float* x, float shift)
        {
            double sum = 0;
            TLanes offset = TLanes.Broadcast(shift);
            long i = 0;
            for (; i + TLanes.Count <= Columns; i += TLanes.Count) sum += TLanes.Sum(TLanes.Exp(TLanes.Load(x + i) - offset));
            for (; i < Columns; i++) sum += MathF.Exp(x[i] - shift);
            return sum;
        }
    }

    /// <summary>b + factor · exp(a − shift).</summary>
    private struct ScaledExp : IMap
    {
        public float Shift;
        public float Factor;

        public readonly T Apply<T>(T a, T b)
            where T : unmanaged, ILanes<T> => T.MultiplyAdd(T.Broadcast(Factor), T.Exp(a - T.Broadcast(Shift)), b);
    }
}
