namespace Caravan.Kernels;

internal abstract partial class KernelSet
{
    /// <summary>y[t, :] = x[t − 1, :] of the same sequence; the row before the first is 0.</summary>
    /// <param name="sequences">Which rows belong together.</param>
    /// <param name="x">[N, C].</param>
    /// <param name="columns">C.</param>
    /// <param name="state">[C]: the last row.</param>
    /// <param name="y">[N, C]; not x.</param>
    public abstract void TokenShift(NativeSpan<SequenceRows> sequences, NativeSpan<float> x, long columns, StateSlots state, NativeSpan<float> y);

    /// <summary>gradientX[t, :] += gradientY[t + 1, :] of the same sequence.</summary>
    public abstract void TokenShiftBackward(NativeSpan<SequenceRows> sequences, NativeSpan<float> gradientY, long columns, NativeSpan<float> gradientX);

    /// <summary>y[n, :] = b[n, :] + weights[:] · (a[n, :] − b[n, :]); weights of every row by itself are those of one long row.</summary>
    public abstract void Interpolate(NativeSpan<float> a, NativeSpan<float> b, NativeSpan<float> weights, NativeSpan<float> y);

    /// <summary>Adds the gradients of <see cref="Interpolate"/>; each may be empty.</summary>
    public abstract void InterpolateBackward(
        NativeSpan<float> a, NativeSpan<float> b, NativeSpan<float> weights, NativeSpan<float> gradientY,
        NativeSpan<float> gradientA, NativeSpan<float> gradientB, NativeSpan<float> gradientWeights);
}

internal sealed unsafe partial class KernelSet<TLanes>
{
    public override void TokenShift(NativeSpan<SequenceRows> sequences, NativeSpan<float> x, long columns, StateSlots state, NativeSpan<float> y) =>
        Scan(sequences, columns, 1, new ShiftScan { X = x.Pointer, Channels = columns, State = state, Y = y.Pointer });

    public override void TokenShiftBackward(NativeSpan<SequenceRows> sequences, NativeSpan<float> gradientY, long columns, NativeSpan<float> gradientX) =>
        ScanBackward(sequences, columns, new ShiftBackwardScan { GradientY = gradientY.Pointer, Channels = columns, GradientX = gradientX.Pointer });

    public override void Interpolate(NativeSpan<float> a, NativeSpan<float> b, NativeSpan<float> weights, NativeSpan<float> y)
    {
        long columns = weights.Length;
        InterpolationJob job = new() { A = a.Pointer, B = b.Pointer, Weights = weights.Pointer, Y = y.Pointer, Columns = columns };
        Workers.For(y.Length / columns, RowGrain(columns), job);
    }

    public override void InterpolateBackward(
        NativeSpan<float> a, NativeSpan<float> b, NativeSpan<float> weights, NativeSpan<float> gradientY,
        NativeSpan<float> gradientA, NativeSpan<float> gradientB, NativeSpan<float> gradientWeights)
    {
        InterpolationBackwardJob job = new()
        {
            A = a.Pointer, B = b.Pointer, Weights = weights.Pointer, GradientY = gradientY.Pointer, GradientA = Optional(gradientA),
            GradientB = Optional(gradientB), GradientWeights = Optional(gradientWeights), Columns = weights.Length, Rows = a.Length / weights.Length,
        };
        Workers.For(ScanBlocks(job.Columns), 1, job);
    }

    private struct ShiftScan : IChannelScan
    {
        public float* X;
        public long Channels;
        public StateSlots State;
        public float* Y;

        public readonly void Run<T>(in SequenceRows rows, long channel, float* scratch)
            where T : unmanaged, ILanes<T>
        {
            float* kept = State.Of(rows);
            T before = kept == null || rows.Begins ? T.Broadcast(0) : T.Load(kept + channel);
            long place = (rows.Start * Channels) + channel;
            for (int row = 0; row < rows.Count; row++, place += Channels)
            {
                T.Store(before, Y + place);
                before = T.Load(X + place);
            }

            if (kept != null) T.Store(before, kept + channel);
        }
    }

    private struct ShiftBackwardScan : IChannelScan
    {
        public float* GradientY;
        public long Channels;
        public float* GradientX;

        public readonly void Run<T>(in SequenceRows rows, long channel, float* scratch)
            where T : unmanaged, ILanes<T>
        {
            long place = (rows.Start * Channels) + channel;
            for (int row = 1; row < rows.Count; row++, place += Channels) Accumulate(T.Load(GradientY + place + Channels), GradientX + place);
        }
    }

    private struct InterpolationJob : IRangeJob
    {
        public float* A;
        public float* B;
        public float* Weights;
        public float* Y;
        public long Columns;

        public readonly void Execute(long start, long end, float* scratch)
        {
            for (long row = start; row < end; row++)
            {
                long i = 0;
                for (; i + TLanes.Count <= Columns; i += TLanes.Count) Step<TLanes>((row * Columns) + i, i);
                for (; i < Columns; i++) Step<Lanes1>((row * Columns) + i, i);
            }
        }

        private readonly void Step<T>(long place, long column)
            where T : unmanaged, ILanes<T>
        {
            T b = T.Load(B + place);
            T.Store(T.MultiplyAdd(T.Load(Weights + column), T.Load(A + place) - b, b), Y + place);
        }
    }

    /// <summary>Items are blocks of columns: the gradient of a weight is a sum over all rows.</summary>
    private struct InterpolationBackwardJob : IRangeJob
    {
        public float* A;
        public float* B;
        public float* Weights;
        public float* GradientY;
        public float* GradientA;
        public float* GradientB;
        public float* GradientWeights;
        public long Columns;
        public long Rows;

        public readonly void Execute(long start, long end, float* scratch)
        {
            long column = start * ChannelsPerItem, last = Math.Min(end * ChannelsPerItem, Columns);
            for (; column + TLanes.Count <= last; column += TLanes.Count) Step<TLanes>(column);
            for (; column < last; column++) Step<Lanes1>(column);
        }

        private readonly void Step<T>(long column)
            where T : unmanaged, ILanes<T>
        {
            T weight = T.Load(Weights + column), sum = T.Broadcast(0);
            for (long place = column; place < Rows * Columns; place += Columns)
            {
                T gradient = T.Load(GradientY + place), share = weight * gradient;
                sum = T.MultiplyAdd(gradient, T.Load(A + place) - T.Load(B + place), sum);
                if (GradientA != null) Accumulate(share, GradientA + place);
                if (GradientB != null) Accumulate(gradient - share, GradientB + place);
            }

            if (GradientWeights != null) Accumulate(sum, GradientWeights + column);
        }
    }
}
