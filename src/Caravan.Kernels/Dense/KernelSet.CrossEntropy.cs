namespace Caravan.Kernels;

internal abstract partial class KernelSet
{
    /// <summary>logProbabilities[r] = logits[r, labels[r]] − log Σ exp(logits[r, :]) (natural logarithm), or 0 where the label is negative.</summary>
    /// <param name="logits">[rows, V].</param>
    /// <param name="labels">[rows].</param>
    /// <param name="logProbabilities">[rows].</param>
    /// <param name="sums">[rows, 2], for the way back: the largest logit of a row and Σ exp(logit − it).</param>
    public abstract void LogProbabilities(NativeSpan<float> logits, NativeSpan<int> labels, NativeSpan<float> logProbabilities, NativeSpan<float> sums);

    /// <summary>
    /// gradientLogits[r, :] += factors[r] · (onehot(labels[r]) − softmax(logits[r, :])), rows with a negative label excepted. Where it is the logits
    /// themselves they are overwritten, by 0 in those rows.
    /// </summary>
    public abstract void LogProbabilitiesBackward(
        NativeSpan<float> logits, NativeSpan<int> labels, NativeSpan<float> sums, NativeSpan<float> factors, NativeSpan<float> gradientLogits);
}

internal sealed unsafe partial class KernelSet<TLanes>
{
    public override void LogProbabilities(NativeSpan<float> logits, NativeSpan<int> labels, NativeSpan<float> logProbabilities, NativeSpan<float> sums)
    {
        if (labels.Length == 0) return;
        long columns = logits.Length / labels.Length;
        LogProbabilitiesJob job = new() { Logits = logits.Pointer, Labels = labels.Pointer, Results = logProbabilities.Pointer, Sums = sums.Pointer, Columns = columns };
        Workers.For(labels.Length, RowGrain(columns), job);
    }

    public override void LogProbabilitiesBackward(
        NativeSpan<float> logits, NativeSpan<int> labels, NativeSpan<float> sums, NativeSpan<float> factors, NativeSpan<float> gradientLogits)
    {
        if (labels.Length == 0) return;
        long columns = logits.Length / labels.Length;
        LogProbabilitiesBackwardJob job = new()
        {
            Logits = logits.Pointer, Labels = labels.Pointer, Sums = sums.Pointer, Factors = factors.Pointer, Gradient = gradientLogits.Pointer, Columns = columns,
        };
        Workers.For(labels.Length, RowGrain(columns), job);
    }

    private struct LogProbabilitiesJob : IRangeJob
    {
        /// <summary>Registers of terms that are summed in float before the sum goes on in double: vocabularies are long.</summary>
        private const int Together = 32;

        public float* Logits;
        public int* Labels;
        public float* Results;
        public float* Sums;
        public long Columns;

        public readonly void Execute(long start, long end, float* scratch)
        {
            for (long row = start; row < end; row++)
            {
                float* logits = Logits + (row * Columns);
                int label = Labels[row];
                if (label < 0)
                {
                    Results[row] = 0;
                    continue;
                }

                float max = Largest(logits);
                double sum = ExpSumOf(logits, max);
                Sums[2 * row] = max;
                Sums[(2 * row) + 1] = (float)sum;
                Results[row] = logits[label] - max - MathF.Log((float)sum);
            }
        }

        /// <summary>The largest element; any of them where one is NaN, which the sum shows.</summary>
        private readonly float Largest(float* x)
        {
            TLanes a = TLanes.Broadcast(float.NegativeInfinity), b = a, c = a, d = a;
            long i = 0;
            for (; i + (4 * TLanes.Count) <= Columns; i += 4 * TLanes.Count)
            {
                a = TLanes.MaxOf(a, TLanes.Load(x + i));
                b = TLanes.MaxOf(b, TLanes.Load(x + i + TLanes.Count));
                c = TLanes.MaxOf(c, TLanes.Load(x + i + (2 * TLanes.Count)));
                d = TLanes.MaxOf(d, TLanes.Load(x + i + (3 * TLanes.Count)));
            }

            float max = TLanes.MaxAcross(TLanes.MaxOf(TLanes.MaxOf(a, b), TLanes.MaxOf(c, d)));
            for (; i < Columns; i++) max = MathF.Max(max, x[i]);
            return max;
        }

        private readonly double ExpSumOf(float* x, float shift)
        {
            double sum = 0;
            TLanes offset = TLanes.Broadcast(shift);
            long i = 0;
            while (i + TLanes.Count <= Columns)
            {
                TLanes part = TLanes.Broadcast(0);
                for (long end = Math.Min(i + (Together * TLanes.Count), Columns - TLanes.Count + 1); i < end; i += TLanes.Count)
                    part += SoftmaxExp.Of(TLanes.Load(x + i) - offset);
                sum += TLanes.Sum(part);
            }

            for (; i < Columns; i++) sum += SoftmaxExp.Of(x[i] - shift);
            return sum;
        }
    }

    private struct LogProbabilitiesBackwardJob : IRangeJob
    {
        public float* Logits;
        public int* Labels;
        public float* Sums;
        public float* Factors;
        public float* Gradient;
        public long Columns;

        public readonly void Execute(long start, long end, float* scratch)
        {
            for (long row = start; row < end; row++)
            {
                float* logits = Logits + (row * Columns), gradient = Gradient + (row * Columns);
                int label = Labels[row];
                ScaledExp softmax = new() { Shift = Sums[2 * row], Factor = -Factors[row] / Sums[(2 * row) + 1] };
                if (Gradient != Logits)
                {
                    if (label < 0) continue;
                    Map(new AddedExp { Exp = softmax }, logits, gradient, gradient, Columns);
                }
                else if (label < 0)
                {
                    new NativeSpan<float>(gradient, Columns).Clear();
                    continue;
                }
                else
                {
                    Map(softmax, logits, logits, gradient, Columns);
                }

                gradient[label] += Factors[row];
            }
        }
    }

    /// <summary>factor · exp(a − shift).</summary>
    private struct ScaledExp : IMap
    {
        public float Shift;
        public float Factor;

        public readonly T Apply<T>(T a, T b)
            where T : unmanaged, ILanes<T> => T.Broadcast(Factor) * SoftmaxExp.Of(a - T.Broadcast(Shift));
    }

    /// <summary>b + factor · exp(a − shift).</summary>
    private struct AddedExp : IMap
    {
        public ScaledExp Exp;

        public readonly T Apply<T>(T a, T b)
            where T : unmanaged, ILanes<T> => Exp.Apply(a, b) + b;
    }
}
