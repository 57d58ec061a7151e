namespace Caravan.Kernels;

internal abstract partial class KernelSet
{
    /// <summary>
    /// The attention of RWKV-4 (Peng et al. 2023, eq. 16): an average of all values so far, weighed by e^(key + age · decay), the present one by
    /// e^(first + key). Numerator and denominator are kept divided by e^m with m the largest exponent so far, so that nothing overflows (ibid., app. D).
    /// </summary>
    /// <param name="sequences">Which rows belong together.</param>
    /// <param name="keys">[N, C].</param>
    /// <param name="values">[N, C].</param>
    /// <param name="decay">[C]: below 0.</param>
    /// <param name="first">[C].</param>
    /// <param name="state">[3, C]: numerator, denominator, m.</param>
    /// <param name="y">[N, C].</param>
    public abstract void Wkv(
        NativeSpan<SequenceRows> sequences, NativeSpan<float> keys, NativeSpan<float> values, NativeSpan<float> decay, NativeSpan<float> first,
        StateSlots state, NativeSpan<float> y);

    /// <summary>Adds the gradients of <see cref="Wkv"/> over whole sequences, rebuilding the state on the way.</summary>
    public abstract void WkvBackward(
        NativeSpan<SequenceRows> sequences, NativeSpan<float> keys, NativeSpan<float> values, NativeSpan<float> decay, NativeSpan<float> first,
        NativeSpan<float> gradientY, NativeSpan<float> gradientKeys, NativeSpan<float> gradientValues, NativeSpan<float> gradientDecay,
        NativeSpan<float> gradientFirst);
}

internal sealed unsafe partial class KernelSet<TLanes>
{
    public override void Wkv(
        NativeSpan<SequenceRows> sequences, NativeSpan<float> keys, NativeSpan<float> values, NativeSpan<float> decay, NativeSpan<float> first,
        StateSlots state, NativeSpan<float> y) => Scan(sequences, decay.Length, 40, new WkvScan
        {
            Keys = keys.Pointer, Values = values.Pointer, Decay = decay.Pointer, First = first.Pointer, Channels = decay.Length, State = state, Y = y.Pointer,
        });

    public override void WkvBackward(
        NativeSpan<SequenceRows> sequences, NativeSpan<float> keys, NativeSpan<float> values, NativeSpan<float> decay, NativeSpan<float> first,
        NativeSpan<float> gradientY, NativeSpan<float> gradientKeys, NativeSpan<float> gradientValues, NativeSpan<float> gradientDecay,
        NativeSpan<float> gradientFirst)
    {
        WkvBackwardScan scan = new()
        {
            Keys = keys.Pointer, Values = values.Pointer, Decay = decay.Pointer, First = first.Pointer, Channels = decay.Length,
            GradientY = gradientY.Pointer, GradientKeys = gradientKeys.Pointer, GradientValues = gradientValues.Pointer,
            GradientDecay = gradientDecay.Pointer, GradientFirst = gradientFirst.Pointer,
        };
        ScanBackward(sequences, decay.Length, scan, 3 * (LongestOf(sequences) + 1));
    }

    /// <summary>Numerator and denominator divided by e^Shift.</summary>
    private struct WkvState<T>
        where T : unmanaged, ILanes<T>
    {
        /// <summary>An exponent that no key falls below: nothing has been seen.</summary>
        private const float Nothing = -1e38f;

        public T Numerator;
        public T Denominator;
        public T Shift;

        public static WkvState<T> Empty => new() { Numerator = T.Broadcast(0), Denominator = T.Broadcast(0), Shift = T.Broadcast(Nothing) };

        public static WkvState<T> Load(float* from, long distance) =>
            new() { Numerator = T.Load(from), Denominator = T.Load(from + distance), Shift = T.Load(from + (2 * distance)) };

        public readonly void Store(float* to, long distance)
        {
            T.Store(Numerator, to);
            T.Store(Denominator, to + distance);
            T.Store(Shift, to + (2 * distance));
        }

        /// <summary>The factors of what was and of what comes, both at most 1.</summary>
        public readonly (T Old, T New, T Shift) Weigh(T lag, T exponent)
        {
            T old = Shift + lag, shift = T.Max(old, exponent);
            return (T.Exp(old - shift), T.Exp(exponent - shift), shift);
        }

        public readonly WkvState<T> Next(T decay, T key, T value)
        {
            (T old, T fresh, T shift) = Weigh(decay, key);
            return new()
            {
                Numerator = T.MultiplyAdd(old, Numerator, fresh * value), Denominator = T.MultiplyAdd(old, Denominator, fresh), Shift = shift,
            };
        }
    }

    private struct WkvScan : IChannelScan
    {
        public float* Keys;
        public float* Values;
        public float* Decay;
        public float* First;
        public long Channels;
        public StateSlots State;
        public float* Y;

        public readonly void Run<T>(in SequenceRows rows, long channel, float* scratch)
            where T : unmanaged, ILanes<T>
        {
            float* kept = State.Of(rows);
            WkvState<T> state = kept == null || rows.Begins ? WkvState<T>.Empty : WkvState<T>.Load(kept + channel, Channels);
            T decay = T.Load(Decay + channel), first = T.Load(First + channel);
            long place = (rows.Start * Channels) + channel;
            for (int row = 0; row < rows.Count; row++, place += Channels)
            {
                T key = T.Load(Keys + place), value = T.Load(Values + place);
                (T old, T fresh, _) = state.Weigh(T.Broadcast(0), first + key);
                T.Store(T.MultiplyAdd(old, state.Numerator, fresh * value) / T.MultiplyAdd(old, state.Denominator, fresh), Y + place);
                state = state.Next(decay, key, value);
            }

            if (kept != null) state.Store(kept + channel, Channels);
        }
    }

    private struct WkvBackwardScan : IChannelScan
    {
        public float* Keys;
        public float* Values;
        public float* Decay;
        public float* First;
        public long Channels;
        public float* GradientY;
        public float* GradientKeys;
        public float* GradientValues;
        public float* GradientDecay;
        public float* GradientFirst;

        /// <summary>The shifts divide out, so that they count as constants.</summary>
        public readonly void Run<T>(in SequenceRows rows, long channel, float* scratch)
            where T : unmanaged, ILanes<T>
        {
            T decay = T.Load(Decay + channel), first = T.Load(First + channel), zero = T.Broadcast(0);
            long start = (rows.Start * Channels) + channel;
            WkvState<T> state = WkvState<T>.Empty;
            for (int row = 0; row < rows.Count; row++)
            {
                state.Store(scratch + (3 * row * T.Count), T.Count);
                state = state.Next(decay, T.Load(Keys + start + (row * Channels)), T.Load(Values + start + (row * Channels)));
            }

            T numerator = zero, denominator = zero, gradientDecay = zero, gradientFirst = zero;
            for (int row = rows.Count - 1; row >= 0; row--)
            {
                long place = start + (row * Channels);
                T key = T.Load(Keys + place), value = T.Load(Values + place);
                state = WkvState<T>.Load(scratch + (3 * row * T.Count), T.Count);
                (T old, T fresh, _) = state.Weigh(decay, key);
                T ofFresh = T.MultiplyAdd(numerator, value, denominator) * fresh, gradientValue = numerator * fresh;
                gradientDecay += T.MultiplyAdd(numerator, state.Numerator, denominator * state.Denominator) * old;
                numerator *= old;
                denominator *= old;

                (old, fresh, _) = state.Weigh(zero, first + key);
                T total = T.MultiplyAdd(old, state.Denominator, fresh), y = T.MultiplyAdd(old, state.Numerator, fresh * value) / total;
                T gradient = T.Load(GradientY + place) / total, ofFirst = gradient * fresh * (value - y);
                Accumulate(T.MultiplyAdd(gradient, fresh, gradientValue), GradientValues + place);
                Accumulate(ofFresh + ofFirst, GradientKeys + place);
                gradientFirst += ofFirst;
                numerator = T.MultiplyAdd(gradient, old, numerator);
                denominator -= gradient * old * y;
            }

            Accumulate(gradientDecay, GradientDecay + channel);
            Accumulate(gradientFirst, GradientFirst + channel);
        }
    }
}
