namespace Caravan.Kernels;

internal abstract partial class KernelSet
{
    /// <summary>
    /// The selective state space of Mamba (Gu and Dao 2023, alg. 2), A discretised by a zero-order hold and B by Euler's rule as in its reference:
    /// h[s, c] ← exp(step[t, c] · a[s, c]) · h[s, c] + step[t, c] · b[t, s] · x[t, c], y[t, c] = Σ c[t, s] · h[s, c] + skip[c] · x[t, c].
    /// </summary>
    /// <param name="sequences">Which rows belong together.</param>
    /// <param name="input">What flows in.</param>
    /// <param name="state">[S, C]: h.</param>
    /// <param name="y">[N, C].</param>
    public abstract void SelectiveScan(NativeSpan<SequenceRows> sequences, in SelectiveScanInput input, StateSlots state, NativeSpan<float> y);

    /// <summary>Adds the gradients of <see cref="SelectiveScan"/> over whole sequences, rebuilding h on the way.</summary>
    /// <param name="sequences">Which rows belong together.</param>
    /// <param name="input">What flowed in.</param>
    /// <param name="gradientY">[N, C].</param>
    /// <param name="gradient">Where gradients are added, of the shapes of the input; but those of b and c, which all channels meet, are
    /// [blocks, N, S], a sum for each block of <see cref="ScanBlocks"/>.</param>
    public abstract void SelectiveScanBackward(
        NativeSpan<SequenceRows> sequences, in SelectiveScanInput input, NativeSpan<float> gradientY, in SelectiveScanInput gradient);

    /// <summary>How many blocks of channels have sums of their own.</summary>
    public abstract long ScanBlocks(long channels);
}

/// <summary>What flows into a selective scan, or gradients of it.</summary>
/// <param name="X">[N, C].</param>
/// <param name="Step">[N, C]: above 0.</param>
/// <param name="A">[S, C]: below 0.</param>
/// <param name="B">[N, S].</param>
/// <param name="C">[N, S].</param>
/// <param name="Skip">[C].</param>
/// <param name="Channels">C.</param>
internal readonly record struct SelectiveScanInput(
    NativeSpan<float> X, NativeSpan<float> Step, NativeSpan<float> A, NativeSpan<float> B, NativeSpan<float> C, NativeSpan<float> Skip, long Channels)
{
    /// <summary>S.</summary>
    public int States => (int)(A.Length / Channels);
}

internal sealed unsafe partial class KernelSet<TLanes>
{
    public override void SelectiveScan(NativeSpan<SequenceRows> sequences, in SelectiveScanInput input, StateSlots state, NativeSpan<float> y)
    {
        SelectiveScanPass scan = new() { In = new SelectivePointers(input), States = input.States, Channels = input.Channels, State = state, Y = y.Pointer };
        Scan(sequences, input.Channels, 8 * input.States, scan, input.States);
    }

    public override void SelectiveScanBackward(
        NativeSpan<SequenceRows> sequences, in SelectiveScanInput input, NativeSpan<float> gradientY, in SelectiveScanInput gradient)
    {
        SelectiveScanBackwardPass scan = new()
        {
            In = new SelectivePointers(input), Out = new SelectivePointers(gradient), States = input.States, Channels = input.Channels,
            Rows = input.X.Length / input.Channels, GradientY = gradientY.Pointer,
        };
        ScanBackward(sequences, input.Channels, scan, (LongestOf(sequences) + 2) * input.States);
    }

    public override long ScanBlocks(long channels) => (channels + ChannelsPerItem - 1) / ChannelsPerItem;

    private readonly struct SelectivePointers(in SelectiveScanInput input)
    {
        public readonly float* X = input.X.Pointer;
        public readonly float* Step = input.Step.Pointer;
        public readonly float* A = input.A.Pointer;
        public readonly float* B = input.B.Pointer;
        public readonly float* C = input.C.Pointer;
        public readonly float* Skip = input.Skip.Pointer;
    }

    private struct SelectiveScanPass : IChannelScan
    {
        public SelectivePointers In;
        public int States;
        public long Channels;
        public StateSlots State;
        public float* Y;

        public readonly void Run<T>(in SequenceRows rows, long channel, float* scratch)
            where T : unmanaged, ILanes<T>
        {
            float* kept = State.Of(rows);
            for (int s = 0; s < States; s++)
                T.Store(kept == null || rows.Begins ? T.Broadcast(0) : T.Load(kept + (s * Channels) + channel), scratch + (s * T.Count));
            for (long row = rows.Start; row < rows.Start + rows.Count; row++)
            {
                T x = T.Load(In.X + (row * Channels) + channel), step = T.Load(In.Step + (row * Channels) + channel), flow = step * x;
                T y = T.Load(In.Skip + channel) * x;
                for (int s = 0; s < States; s++)
                {
                    T decay = T.Exp(step * T.Load(In.A + (s * Channels) + channel));
                    T h = T.MultiplyAdd(decay, T.Load(scratch + (s * T.Count)), flow * T.Broadcast(In.B[(row * States) + s]));
                    T.Store(h, scratch + (s * T.Count));
                    y = T.MultiplyAdd(h, T.Broadcast(In.C[(row * States) + s]), y);
                }

                T.Store(y, Y + (row * Channels) + channel);
            }

            for (int s = 0; kept != null && s < States; s++) T.Store(T.Load(scratch + (s * T.Count)), kept + (s * Channels) + channel);
        }
    }

    private struct SelectiveScanBackwardPass : IChannelScan
    {
        public SelectivePointers In;
        public SelectivePointers Out;
        public int States;
        public long Channels;
        public long Rows;
        public float* GradientY;

        /// <summary>With g the gradient of h: dc = dy · h, da = g · h′ · decay · step, db = g · step · x, and g′ = g · decay goes to the row before.</summary>
        public readonly void Run<T>(in SequenceRows rows, long channel, float* scratch)
            where T : unmanaged, ILanes<T>
        {
            int size = States * T.Count;
            float* history = scratch + size, carried = scratch;
            Rebuild<T>(rows, channel, history);
            for (int s = 0; s < States; s++) T.Store(T.Broadcast(0), carried + (s * T.Count));
            long sums = channel / ChannelsPerItem * Rows * States;
            for (int i = rows.Count - 1; i >= 0; i--)
            {
                long row = rows.Start + i, place = (row * Channels) + channel;
                T x = T.Load(In.X + place), step = T.Load(In.Step + place), gradientY = T.Load(GradientY + place);
                T gradientX = gradientY * T.Load(In.Skip + channel), gradientStep = T.Broadcast(0);
                Accumulate(gradientY * x, Out.Skip + channel);
                for (int s = 0; s < States; s++)
                {
                    float* before = history + (i * (long)size) + (s * T.Count);
                    T a = T.Load(In.A + (s * Channels) + channel), decay = T.Exp(step * a), b = T.Broadcast(In.B[(row * States) + s]);
                    T gradient = T.MultiplyAdd(gradientY, T.Broadcast(In.C[(row * States) + s]), T.Load(carried + (s * T.Count)));
                    Out.C[sums + (row * States) + s] += T.Sum(gradientY * T.Load(before + size));
                    Out.B[sums + (row * States) + s] += T.Sum(gradient * step * x);
                    T back = gradient * decay, exponent = back * T.Load(before);
                    Accumulate(exponent * step, Out.A + (s * Channels) + channel);
                    gradientStep = T.MultiplyAdd(exponent, a, T.MultiplyAdd(gradient * b, x, gradientStep));
                    gradientX = T.MultiplyAdd(gradient * b, step, gradientX);
                    T.Store(back, carried + (s * T.Count));
                }

                Accumulate(gradientX, Out.X + place);
                Accumulate(gradientStep, Out.Step + place);
            }
        }

        /// <summary>h before each row, and after the last.</summary>
        private readonly void Rebuild<T>(in SequenceRows rows, long channel, float* history)
            where T : unmanaged, ILanes<T>
        {
            int size = States * T.Count;
            for (int s = 0; s < States; s++) T.Store(T.Broadcast(0), history + (s * T.Count));
            for (int i = 0; i < rows.Count; i++)
            {
                long row = rows.Start + i, place = (row * Channels) + channel;
                T step = T.Load(In.Step + place), flow = step * T.Load(In.X + place);
                for (int s = 0; s < States; s++)
                {
                    float* before = history + (i * (long)size) + (s * T.Count);
                    T decay = T.Exp(step * T.Load(In.A + (s * Channels) + channel));
                    T.Store(T.MultiplyAdd(decay, T.Load(before), flow * T.Broadcast(In.B[(row * States) + s])), before + size);
                }
            }
        }
    }
}
