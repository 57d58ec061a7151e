namespace Caravan.Kernels;

internal abstract partial class KernelSet
{
    /// <summary>
    /// The real-gated linear recurrent unit (De et al. 2024, "Griffin", eq. 4): h ← α · h + √(1 − α²) · x with α = exp(decay · gate); a sequence
    /// begins with h = x.
    /// </summary>
    /// <param name="sequences">Which rows belong together.</param>
    /// <param name="x">[N, C].</param>
    /// <param name="gates">[N, C]: from 0 to 1.</param>
    /// <param name="decay">[C]: below 0.</param>
    /// <param name="state">[C]: h.</param>
    /// <param name="y">[N, C].</param>
    public abstract void RgLru(
        NativeSpan<SequenceRows> sequences, NativeSpan<float> x, NativeSpan<float> gates, NativeSpan<float> decay, StateSlots state, NativeSpan<float> y);

    /// <summary>Adds the gradients of <see cref="RgLru"/> over whole sequences; y is what it gave.</summary>
    public abstract void RgLruBackward(
        NativeSpan<SequenceRows> sequences, NativeSpan<float> x, NativeSpan<float> gates, NativeSpan<float> decay, NativeSpan<float> y,
        NativeSpan<float> gradientY, NativeSpan<float> gradientX, NativeSpan<float> gradientGates, NativeSpan<float> gradientDecay);
}

internal sealed unsafe partial class KernelSet<TLanes>
{
    public override void RgLru(
        NativeSpan<SequenceRows> sequences, NativeSpan<float> x, NativeSpan<float> gates, NativeSpan<float> decay, StateSlots state, NativeSpan<float> y) =>
        Scan(sequences, decay.Length, 20, new LruScan
        {
            X = x.Pointer, Gates = gates.Pointer, Decay = decay.Pointer, Channels = decay.Length, State = state, Y = y.Pointer,
        });

    public override void RgLruBackward(
        NativeSpan<SequenceRows> sequences, NativeSpan<float> x, NativeSpan<float> gates, NativeSpan<float> decay, NativeSpan<float> y,
        NativeSpan<float> gradientY, NativeSpan<float> gradientX, NativeSpan<float> gradientGates, NativeSpan<float> gradientDecay) =>
        ScanBackward(sequences, decay.Length, new LruBackwardScan
        {
            X = x.Pointer, Gates = gates.Pointer, Decay = decay.Pointer, Channels = decay.Length, Y = y.Pointer, GradientY = gradientY.Pointer,
            GradientX = gradientX.Pointer, GradientGates = gradientGates.Pointer, GradientDecay = gradientDecay.Pointer,
        });

    /// <summary>√(1 − α²); the exponential of next to nothing may round to more than 1.</summary>
    private static T Root<T>(T square)
        where T : unmanaged, ILanes<T> => T.Sqrt(T.Max(T.Broadcast(1) - square, T.Broadcast(0)));

    private struct LruScan : IChannelScan
    {
        public float* X;
        public float* Gates;
        public float* Decay;
        public long Channels;
        public StateSlots State;
        public float* Y;

        public readonly void Run<T>(in SequenceRows rows, long channel, float* scratch)
            where T : unmanaged, ILanes<T>
        {
            float* kept = State.Of(rows);
            bool begins = kept == null || rows.Begins;
            T h = begins ? T.Broadcast(0) : T.Load(kept + channel), decay = T.Load(Decay + channel);
            long place = (rows.Start * Channels) + channel;
            for (int row = 0; row < rows.Count; row++, place += Channels)
            {
                T x = T.Load(X + place);
                if (row == 0 && begins) h = x;
                else
                {
                    T rate = decay * T.Load(Gates + place), square = T.Exp(rate + rate);
                    h = T.MultiplyAdd(T.Exp(rate), h, Root(square) * x);
                }

                T.Store(h, Y + place);
            }

            if (kept != null) T.Store(h, kept + channel);
        }
    }

    private struct LruBackwardScan : IChannelScan
    {
        /// <summary>The slope of the root is taken to be no steeper than 1000, as in the reference.</summary>
        private const float LeastRoot = 5e-4f;

        public float* X;
        public float* Gates;
        public float* Decay;
        public long Channels;
        public float* Y;
        public float* GradientY;
        public float* GradientX;
        public float* GradientGates;
        public float* GradientDecay;

        /// <summary>With g the gradient of h: dx = g · √(1 − α²), and d(log α) = g · (α · h′ − α² · x / √(1 − α²)).</summary>
        public readonly void Run<T>(in SequenceRows rows, long channel, float* scratch)
            where T : unmanaged, ILanes<T>
        {
            T decay = T.Load(Decay + channel), gradient = T.Broadcast(0), gradientDecay = gradient;
            for (int row = rows.Count - 1; row >= 0; row--)
            {
                long place = ((rows.Start + row) * Channels) + channel;
                gradient += T.Load(GradientY + place);
                if (row == 0)
                {
                    Accumulate(gradient, GradientX + place);
                    break;
                }

                T x = T.Load(X + place), gate = T.Load(Gates + place), rate = decay * gate, square = T.Exp(rate + rate);
                T root = Root(square), back = T.Exp(rate) * gradient;
                Accumulate(gradient * root, GradientX + place);
                T ofRate = (back * T.Load(Y + place - Channels)) - (gradient * square * x / T.Max(root, T.Broadcast(LeastRoot)));
                Accumulate(ofRate * decay, GradientGates + place);
                gradientDecay = T.MultiplyAdd(ofRate, gate, gradientDecay);
                gradient = back;
            }

            Accumulate(gradientDecay, GradientDecay + channel);
        }
    }
}
