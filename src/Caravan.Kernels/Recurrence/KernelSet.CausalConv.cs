namespace Caravan.Kernels;

internal abstract partial class KernelSet
{
    /// <summary>y[t, c] = bias[c] + Σ weight[j, c] · x[t − (taps − 1) + j, c]: each channel with its own few weights, over its own sequence.</summary>
    /// <param name="sequences">Which rows belong together.</param>
    /// <param name="x">[N, C].</param>
    /// <param name="weight">[taps, C].</param>
    /// <param name="bias">[C]; empty for none.</param>
    /// <param name="channels">C.</param>
    /// <param name="state">[taps − 1, C]: the last inputs, oldest first.</param>
    /// <param name="y">[N, C]; not x.</param>
    public abstract void CausalConv(
        NativeSpan<SequenceRows> sequences, NativeSpan<float> x, NativeSpan<float> weight, NativeSpan<float> bias, long channels, StateSlots state,
        NativeSpan<float> y);

    /// <summary>Adds the gradients of <see cref="CausalConv"/> over whole sequences; each may be empty.</summary>
    public abstract void CausalConvBackward(
        NativeSpan<SequenceRows> sequences, NativeSpan<float> x, NativeSpan<float> weight, long channels, NativeSpan<float> gradientY,
        NativeSpan<float> gradientX, NativeSpan<float> gradientWeight, NativeSpan<float> gradientBias);
}

internal sealed unsafe partial class KernelSet<TLanes>
{
    public override void CausalConv(
        NativeSpan<SequenceRows> sequences, NativeSpan<float> x, NativeSpan<float> weight, NativeSpan<float> bias, long channels, StateSlots state,
        NativeSpan<float> y)
    {
        int taps = (int)(weight.Length / channels);
        ConvScan scan = new()
        {
            X = x.Pointer, Weight = weight.Pointer, Bias = Optional(bias), Y = y.Pointer, Channels = channels, Taps = taps, State = state,
        };
        Scan(sequences, channels, taps, scan);
    }

    public override void CausalConvBackward(
        NativeSpan<SequenceRows> sequences, NativeSpan<float> x, NativeSpan<float> weight, long channels, NativeSpan<float> gradientY,
        NativeSpan<float> gradientX, NativeSpan<float> gradientWeight, NativeSpan<float> gradientBias) => ScanBackward(sequences, channels, new ConvBackwardScan
        {
            X = x.Pointer, Weight = weight.Pointer, Channels = channels, Taps = (int)(weight.Length / channels), GradientY = gradientY.Pointer,
            GradientX = Optional(gradientX), GradientWeight = Optional(gradientWeight), GradientBias = Optional(gradientBias),
        });

    private struct ConvScan : IChannelScan
    {
        public float* X;
        public float* Weight;
        public float* Bias;
        public float* Y;
        public long Channels;
        public int Taps;
        public StateSlots State;

        public readonly void Run<T>(in SequenceRows rows, long channel, float* scratch)
            where T : unmanaged, ILanes<T>
        {
            float* x = X + (rows.Start * Channels) + channel, y = Y + (rows.Start * Channels) + channel, kept = State.Of(rows);
            if (kept != null) kept += channel;
            bool remembers = kept != null && !rows.Begins;
            int before = Taps - 1;
            for (int row = 0; row < rows.Count; row++)
            {
                T sum = Bias == null ? T.Broadcast(0) : T.Load(Bias + channel);
                for (int tap = 0; tap < Taps; tap++)
                {
                    int from = row - before + tap;
                    if (from < 0 && !remembers) continue;
                    float* input = from >= 0 ? x + (from * Channels) : kept + ((before + from) * Channels);
                    sum = T.MultiplyAdd(T.Load(Weight + (tap * Channels) + channel), T.Load(input), sum);
                }

                T.Store(sum, y + (row * Channels));
            }

            for (int place = 0; kept != null && place < before; place++)
            {
                int from = rows.Count - before + place;
                T input = from >= 0 ? T.Load(x + (from * Channels)) : remembers ? T.Load(kept + ((before + from) * Channels)) : T.Broadcast(0);
                T.Store(input, kept + (place * Channels));
            }
        }
    }

    private struct ConvBackwardScan : IChannelScan
    {
        public float* X;
        public float* Weight;
        public long Channels;
        public int Taps;
        public float* GradientY;
        public float* GradientX;
        public float* GradientWeight;
        public float* GradientBias;

        public readonly void Run<T>(in SequenceRows rows, long channel, float* scratch)
            where T : unmanaged, ILanes<T>
        {
            long start = (rows.Start * Channels) + channel;
            float* x = X + start, gradientY = GradientY + start;
            int before = Taps - 1;
            for (int row = 0; GradientX != null && row < rows.Count; row++)
            {
                T sum = T.Broadcast(0);
                for (int tap = Math.Max(0, row + Taps - rows.Count); tap < Taps; tap++)
                    sum = T.MultiplyAdd(T.Load(Weight + (tap * Channels) + channel), T.Load(gradientY + ((row + before - tap) * Channels)), sum);
                Accumulate(sum, GradientX + start + (row * Channels));
            }

            for (int tap = 0; GradientWeight != null && tap < Taps; tap++)
            {
                T sum = T.Broadcast(0);
                for (int row = before - tap; row < rows.Count; row++)
                    sum = T.MultiplyAdd(T.Load(x + ((row - before + tap) * Channels)), T.Load(gradientY + (row * Channels)), sum);
                Accumulate(sum, GradientWeight + (tap * Channels) + channel);
            }

            for (int row = 0; GradientBias != null && row < rows.Count; row++) Accumulate(T.Load(gradientY + (row * Channels)), GradientBias + channel);
        }
    }
}
