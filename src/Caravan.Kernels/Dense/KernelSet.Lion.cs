namespace Caravan.Kernels;

internal abstract partial class KernelSet
{
    /// <summary>
    /// One Lion step in place (Chen et al. 2023, "Symbolic Discovery of Optimization Algorithms", alg. 2):
    /// w −= rate·(sign(β₁·m + (1 − β₁)·g) + decay·w); m = β₂·m + (1 − β₂)·g.
    /// </summary>
    public abstract void Lion(in LionStep step, NativeSpan<float> weights, NativeSpan<float> gradients, NativeSpan<float> momenta);
}

internal sealed unsafe partial class KernelSet<TLanes>
{
    public override void Lion(in LionStep step, NativeSpan<float> weights, NativeSpan<float> gradients, NativeSpan<float> momenta) => Workers.For(
        weights.Length,
        ElementsPerPiece,
        new LionJob { Weights = weights.Pointer, Gradients = gradients.Pointer, Momenta = momenta.Pointer, Settings = step });

    private struct LionJob : IRangeJob
    {
        public float* Weights;
        public float* Gradients;
        public float* Momenta;
        public LionStep Settings;

        public readonly void Execute(long start, long end, float* scratch)
        {
            long i = start;
            for (; i + TLanes.Count <= end; i += TLanes.Count) Update<TLanes>(i);
            for (; i < end; i++) Update<Lanes1>(i);
        }

        private readonly void Update<T>(long i)
            where T : unmanaged, ILanes<T>
        {
            T gradient = T.Load(Gradients + i) * T.Broadcast(Settings.GradientScale), momentum = T.Load(Momenta + i);
            T direction = Sign(T.MultiplyAdd(T.Broadcast(Settings.Beta1), momentum, T.Broadcast(1 - Settings.Beta1) * gradient));
            T.Store(T.MultiplyAdd(T.Broadcast(Settings.Beta2), momentum, T.Broadcast(1 - Settings.Beta2) * gradient), Momenta + i);
            T decayed = T.Load(Weights + i) * T.Broadcast(1 - (Settings.LearningRate * Settings.WeightDecay));
            T.Store(decayed - (T.Broadcast(Settings.LearningRate) * direction), Weights + i);
        }

        /// <summary>−1, 0 or 1: what is not 0 is at least 2⁻¹⁴⁹, and two factors of 2¹²⁶ lift that above 1.</summary>
        private static T Sign<T>(T value)
            where T : unmanaged, ILanes<T>
        {
            T one = T.Broadcast(1), minusOne = T.Broadcast(-1), large = T.Broadcast(8.507059e37f);
            return T.Min(T.Max(T.Min(T.Max(value * large, minusOne), one) * large, minusOne), one);
        }
    }
}
