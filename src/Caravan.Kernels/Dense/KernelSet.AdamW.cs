namespace Caravan.Kernels;

internal abstract partial class KernelSet
{
    /// <summary>One AdamW update in place (Loshchilov and Hutter 2019, alg. 2, with the schedule inside the learning rate).</summary>
    public abstract void AdamW(
        in AdamWStep step, NativeSpan<float> weights, NativeSpan<float> gradients, NativeSpan<float> firstMoments, NativeSpan<float> secondMoments);
}

internal sealed unsafe partial class KernelSet<TLanes>
{
    public override void AdamW(
        in AdamWStep step, NativeSpan<float> weights, NativeSpan<float> gradients, NativeSpan<float> firstMoments, NativeSpan<float> secondMoments)
    {
        AdamWJob job = AdamWJobOf(step, weights, gradients) with { First = firstMoments.Pointer, Second = secondMoments.Pointer };
        Workers.For(weights.Length, ElementsPerPiece, job);
    }

    private static AdamWJob AdamWJobOf(in AdamWStep step, NativeSpan<float> weights, NativeSpan<float> gradients)
    {
        double correction1 = 1 - Math.Pow(step.Beta1, step.Step), correction2 = 1 - Math.Pow(step.Beta2, step.Step);
        return new AdamWJob
        {
            Weights = weights.Pointer, Gradients = gradients.Pointer, Settings = step,
            StepSize = (float)(step.LearningRate / correction1), RootCorrection = (float)(1 / Math.Sqrt(correction2)),
        };
    }

    private struct AdamWJob : IRangeJob
    {
        public float* Weights;
        public float* Gradients;
        public float* First;
        public float* Second;
        public AdamWStep Settings;
        public float StepSize;
        public float RootCorrection;

        public readonly void Execute(long start, long end, float* scratch)
        {
            long i = start;
            for (; i + TLanes.Count <= end; i += TLanes.Count) Update<TLanes>(i);
            for (; i < end; i++) Update<Lanes1>(i);
        }

        private readonly void Update<T>(long i)
            where T : unmanaged, ILanes<T>
        {
            T gradient = T.Load(Gradients + i) * T.Broadcast(Settings.GradientScale);
            T first = T.MultiplyAdd(T.Broadcast(Settings.Beta1), T.Load(First + i), T.Broadcast(1 - Settings.Beta1) * gradient);
            T second = T.MultiplyAdd(T.Broadcast(Settings.Beta2), T.Load(Second + i), T.Broadcast(1 - Settings.Beta2) * gradient * gradient);
            T.Store(first, First + i);
            T.Store(second, Second + i);
            T denominator = T.MultiplyAdd(T.Sqrt(second), T.Broadcast(RootCorrection), T.Broadcast(Settings.Epsilon));
            T decayed = T.Load(Weights + i) * T.Broadcast(1 - (Settings.LearningRate * Settings.WeightDecay));
            T.Store(decayed - (T.Broadcast(StepSize) * first / denominator), Weights + i);
        }
    }
}
