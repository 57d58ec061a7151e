namespace Caravan.Kernels;

internal abstract partial class KernelSet
{
    /// <summary>
    /// One step of gradient descent in place: g = scale·gradient + decay·w; with momentum v = momentum·v + g, and g becomes v, or g + momentum·v with
    /// Nesterov's look ahead (Sutskever et al. 2013, eq. 3 and 4, in the form of velocities that the rate multiplies); w −= rate·g.
    /// </summary>
    /// <param name="step">Its numbers.</param>
    /// <param name="weights">w.</param>
    /// <param name="gradients">As many.</param>
    /// <param name="velocities">v, as many; empty without momentum.</param>
    public abstract void Sgd(in SgdStep step, NativeSpan<float> weights, NativeSpan<float> gradients, NativeSpan<float> velocities);
}

internal sealed unsafe partial class KernelSet<TLanes>
{
    public override void Sgd(in SgdStep step, NativeSpan<float> weights, NativeSpan<float> gradients, NativeSpan<float> velocities) => Workers.For(
        weights.Length,
        ElementsPerPiece,
        new SgdJob { Weights = weights.Pointer, Gradients = gradients.Pointer, Velocities = Optional(velocities), Settings = step });

    private struct SgdJob : IRangeJob
    {
        public float* Weights;
        public float* Gradients;
        public float* Velocities;
        public SgdStep Settings;

        public readonly void Execute(long start, long end, float* scratch)
        {
            long i = start;
            for (; i + TLanes.Count <= end; i += TLanes.Count) Update<TLanes>(i);
            for (; i < end; i++) Update<Lanes1>(i);
        }

        private readonly void Update<T>(long i)
            where T : unmanaged, ILanes<T>
        {
            T weight = T.Load(Weights + i);
            T direction = T.MultiplyAdd(T.Broadcast(Settings.WeightDecay), weight, T.Load(Gradients + i) * T.Broadcast(Settings.GradientScale));
            if (Velocities != null)
            {
                T velocity = T.MultiplyAdd(T.Broadcast(Settings.Momentum), T.Load(Velocities + i), direction);
                T.Store(velocity, Velocities + i);
                direction = Settings.Nesterov ? T.MultiplyAdd(T.Broadcast(Settings.Momentum), velocity, direction) : velocity;
            }

            T.Store(weight - (T.Broadcast(Settings.LearningRate) * direction), Weights + i);
        }
    }
}
