namespace Caravan.Kernels;

internal abstract partial class KernelSet
{
    /// <summary>
    /// Retention in its recurrent form (Sun et al. 2023, "Retentive Network", eq. 6): each head's S ← decay · S + kᵀ·v, y = q·S.
    /// </summary>
    /// <param name="sequences">Which rows belong together.</param>
    /// <param name="queries">[N, H · K].</param>
    /// <param name="keys">[N, H · K].</param>
    /// <param name="values">[N, H · D].</param>
    /// <param name="decays">[H]: from 0 to 1.</param>
    /// <param name="state">[H, K, D]: S.</param>
    /// <param name="y">[N, H · D].</param>
    public abstract void Retention(
        NativeSpan<SequenceRows> sequences, NativeSpan<float> queries, NativeSpan<float> keys, NativeSpan<float> values, NativeSpan<float> decays,
        StateSlots state, NativeSpan<float> y);

    /// <summary>Adds the gradients of <see cref="Retention"/> over whole sequences: dq = dy·Sᵀ, and with R ← decay · R + qᵀ·dy from the end dk = v·Rᵀ, dv = k·R.</summary>
    public abstract void RetentionBackward(
        NativeSpan<SequenceRows> sequences, NativeSpan<float> queries, NativeSpan<float> keys, NativeSpan<float> values, NativeSpan<float> decays,
        NativeSpan<float> gradientY, NativeSpan<float> gradientQueries, NativeSpan<float> gradientKeys, NativeSpan<float> gradientValues);
}

internal sealed unsafe partial class KernelSet<TLanes>
{
    public override void Retention(
        NativeSpan<SequenceRows> sequences, NativeSpan<float> queries, NativeSpan<float> keys, NativeSpan<float> values, NativeSpan<float> decays,
        StateSlots state, NativeSpan<float> y)
    {
        long rows = RowsOf(sequences);
        if (rows == 0) return;
        RetentionJob job = new()
        {
            Sequences = sequences.Pointer, Queries = queries.Pointer, Keys = keys.Pointer, Values = values.Pointer, Decays = decays.Pointer,
            Heads = decays.Length, KeySize = queries.Length / rows / decays.Length, ValueSize = values.Length / rows / decays.Length, State = state, Y = y.Pointer,
        };
        long rowsOfItem = Math.Max(1, rows / sequences.Length);
        Workers.For(
            sequences.Length * job.Heads * job.Blocks, RowGrain(2 * rowsOfItem * ChannelsPerItem * job.KeySize), job, job.KeySize * ChannelsPerItem);
    }

    public override void RetentionBackward(
        NativeSpan<SequenceRows> sequences, NativeSpan<float> queries, NativeSpan<float> keys, NativeSpan<float> values, NativeSpan<float> decays,
        NativeSpan<float> gradientY, NativeSpan<float> gradientQueries, NativeSpan<float> gradientKeys, NativeSpan<float> gradientValues)
    {
        long rows = RowsOf(sequences);
        if (rows == 0) return;
        RetentionBackwardJob job = new()
        {
            Sequences = sequences.Pointer, Count = sequences.Length, Queries = queries.Pointer, Keys = keys.Pointer, Values = values.Pointer,
            Decays = decays.Pointer, Heads = decays.Length, KeySize = queries.Length / rows / decays.Length,
            ValueSize = values.Length / rows / decays.Length, GradientY = gradientY.Pointer, GradientQueries = gradientQueries.Pointer,
            GradientKeys = gradientKeys.Pointer, GradientValues = gradientValues.Pointer,
        };
        Workers.For(job.Heads, 1, job, job.KeySize * job.ValueSize);
    }

    private static long RowsOf(NativeSpan<SequenceRows> sequences)
    {
        long rows = 0;
        foreach (SequenceRows sequence in sequences.AsSpan()) rows += sequence.Count;
        return rows;
    }

    /// <summary>Items are blocks of a head's value features in a sequence.</summary>
    private struct RetentionJob : IRangeJob
    {
        public SequenceRows* Sequences;
        public float* Queries;
        public float* Keys;
        public float* Values;
        public float* Decays;
        public long Heads;
        public long KeySize;
        public long ValueSize;
        public StateSlots State;
        public float* Y;

        public readonly long Blocks => (ValueSize + ChannelsPerItem - 1) / ChannelsPerItem;

        public readonly void Execute(long start, long end, float* scratch)
        {
            for (long item = start; item < end; item++)
            {
                SequenceRows rows = Sequences[item / Blocks / Heads];
                long head = item / Blocks % Heads, feature = item % Blocks * ChannelsPerItem, count = Math.Min(ChannelsPerItem, ValueSize - feature);
                float* kept = State.Of(rows);
                if (kept != null) kept += (head * KeySize * ValueSize) + feature;
                for (long k = 0; k < KeySize; k++)
                {
                    Span<float> row = new(scratch + (k * ChannelsPerItem), (int)count);
                    if (kept == null || rows.Begins) row.Clear();
                    else new Span<float>(kept + (k * ValueSize), (int)count).CopyTo(row);
                }

                for (long row = rows.Start; row < rows.Start + rows.Count; row++) Step(row, head, feature, count, scratch);
                for (long k = 0; kept != null && k < KeySize; k++)
                    new Span<float>(scratch + (k * ChannelsPerItem), (int)count).CopyTo(new Span<float>(kept + (k * ValueSize), (int)count));
            }
        }

        private readonly void Step(long row, long head, long feature, long count, float* scratch)
        {
            float* queries = Queries + (((row * Heads) + head) * KeySize), keys = Keys + (((row * Heads) + head) * KeySize);
            long place = (((row * Heads) + head) * ValueSize) + feature, i = 0;
            for (; i + TLanes.Count <= count; i += TLanes.Count) Step<TLanes>(queries, keys, Decays[head], place + i, scratch + i);
            for (; i < count; i++) Step<Lanes1>(queries, keys, Decays[head], place + i, scratch + i);
        }

        private readonly void Step<T>(float* queries, float* keys, float decay, long place, float* memory)
            where T : unmanaged, ILanes<T>
        {
            T value = T.Load(Values + place), y = T.Broadcast(0), rate = T.Broadcast(decay);
            for (long k = 0; k < KeySize; k++)
            {
                float* at = memory + (k * ChannelsPerItem);
                T now = T.MultiplyAdd(rate, T.Load(at), T.Broadcast(keys[k]) * value);
                T.Store(now, at);
                y = T.MultiplyAdd(T.Broadcast(queries[k]), now, y);
            }

            T.Store(y, Y + place);
        }
    }

    /// <summary>Items are heads.</summary>
    private struct RetentionBackwardJob : IRangeJob
    {
        public SequenceRows* Sequences;
        public long Count;
        public float* Queries;
        public float* Keys;
        public float* Values;
        public float* Decays;
        public long Heads;
        public long KeySize;
        public long ValueSize;
        public float* GradientY;
        public float* GradientQueries;
        public float* GradientKeys;
        public float* GradientValues;

        public readonly void Execute(long start, long end, float* scratch)
        {
            for (long head = start; head < end; head++)
                for (long sequence = 0; sequence < Count; sequence++) Run(Sequences[sequence], head, scratch);
        }

        private readonly void Run(in SequenceRows rows, long head, float* scratch)
        {
            new Span<float>(scratch, (int)(KeySize * ValueSize)).Clear();
            for (long row = rows.Start; row < rows.Start + rows.Count; row++)
            {
                long narrow = ((row * Heads) + head) * KeySize, wide = ((row * Heads) + head) * ValueSize;
                for (long k = 0; k < KeySize; k++)
                {
                    float* memory = scratch + (k * ValueSize);
                    Scale(memory, Decays[head], ValueSize);
                    AddScaled(memory, Keys[narrow + k], Values + wide, ValueSize);
                    GradientQueries[narrow + k] += Dot(memory, GradientY + wide, ValueSize);
                }
            }

            new Span<float>(scratch, (int)(KeySize * ValueSize)).Clear();
            for (long row = rows.Start + rows.Count - 1; row >= rows.Start; row--)
            {
                long narrow = ((row * Heads) + head) * KeySize, wide = ((row * Heads) + head) * ValueSize;
                for (long k = 0; k < KeySize; k++)
                {
                    float* memory = scratch + (k * ValueSize);
                    Scale(memory, Decays[head], ValueSize);
                    AddScaled(memory, Queries[narrow + k], GradientY + wide, ValueSize);
                    GradientKeys[narrow + k] += Dot(memory, Values + wide, ValueSize);
                    AddScaled(GradientValues + wide, Keys[narrow + k], memory, ValueSize);
                }
            }
        }
    }
}
