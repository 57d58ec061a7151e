namespace Caravan.Kernels;

internal abstract partial class KernelSet
{
    /// <summary>
    /// The attention of RWKV-5 and RWKV-6 (Peng et al. 2024, "Eagle and Finch", §4): each head's y = r·(S + (bonus · k)ᵀ·v) and then
    /// S ← w · S + kᵀ·v, where w = e^(−e^decay) fades each row of S by itself.
    /// </summary>
    /// <param name="sequences">Which rows belong together.</param>
    /// <param name="receptances">[N, H · K].</param>
    /// <param name="keys">[N, H · K].</param>
    /// <param name="values">[N, H · K].</param>
    /// <param name="decays">[H · K], the same for all rows, or [N, H · K].</param>
    /// <param name="bonus">[H · K].</param>
    /// <param name="headSize">K.</param>
    /// <param name="state">[H, K, K]: S.</param>
    /// <param name="y">[N, H · K].</param>
    public abstract void MatrixWkv(
        NativeSpan<SequenceRows> sequences, NativeSpan<float> receptances, NativeSpan<float> keys, NativeSpan<float> values, NativeSpan<float> decays,
        NativeSpan<float> bonus, long headSize, StateSlots state, NativeSpan<float> y);

    /// <summary>
    /// Adds the gradients of <see cref="MatrixWkv"/> over whole sequences. With G the gradient of the S that a row leaves: dr = S·dy + bonus · k · (v·dy),
    /// dk = G·v + bonus · r · (v·dy), dv = k·G + (bonus · r · k) · dy, dbonus = Σ r · k · (v·dy), ddecay = −e^decay · w · Σ G · S along the values, and
    /// w · G + rᵀ·dy is the gradient of the S before.
    /// </summary>
    public abstract void MatrixWkvBackward(
        NativeSpan<SequenceRows> sequences, NativeSpan<float> receptances, NativeSpan<float> keys, NativeSpan<float> values, NativeSpan<float> decays,
        NativeSpan<float> bonus, long headSize, NativeSpan<float> gradientY, NativeSpan<float> gradientReceptances, NativeSpan<float> gradientKeys,
        NativeSpan<float> gradientValues, NativeSpan<float> gradientDecays, NativeSpan<float> gradientBonus);
}

internal sealed unsafe partial class KernelSet<TLanes>
{
    public override void MatrixWkv(
        NativeSpan<SequenceRows> sequences, NativeSpan<float> receptances, NativeSpan<float> keys, NativeSpan<float> values, NativeSpan<float> decays,
        NativeSpan<float> bonus, long headSize, StateSlots state, NativeSpan<float> y)
    {
        if (sequences.Length == 0) return;
        MatrixWkvJob job = new()
        {
            Sequences = sequences.Pointer, State = state, Y = y.Pointer,
            Inputs = MatrixWkvInputs.Of(receptances, keys, values, decays, bonus, headSize),
        };
        long rowsOfItem = Math.Max(1, y.Length / bonus.Length / sequences.Length);
        Workers.For(
            sequences.Length * job.Inputs.Heads * job.Blocks, RowGrain(3 * rowsOfItem * ChannelsPerItem * headSize), job, headSize * (ChannelsPerItem + 1));
    }

    public override void MatrixWkvBackward(
        NativeSpan<SequenceRows> sequences, NativeSpan<float> receptances, NativeSpan<float> keys, NativeSpan<float> values, NativeSpan<float> decays,
        NativeSpan<float> bonus, long headSize, NativeSpan<float> gradientY, NativeSpan<float> gradientReceptances, NativeSpan<float> gradientKeys,
        NativeSpan<float> gradientValues, NativeSpan<float> gradientDecays, NativeSpan<float> gradientBonus)
    {
        long longest = LongestOf(sequences), span = Math.Max(1, (long)Math.Sqrt(longest));
        MatrixWkvBackwardJob job = new()
        {
            Sequences = sequences.Pointer, Count = sequences.Length, Inputs = MatrixWkvInputs.Of(receptances, keys, values, decays, bonus, headSize),
            Span = span, Spans = (longest + span - 1) / span, GradientY = gradientY.Pointer, GradientReceptances = gradientReceptances.Pointer,
            GradientKeys = gradientKeys.Pointer, GradientValues = gradientValues.Pointer, GradientDecays = gradientDecays.Pointer,
            GradientBonus = gradientBonus.Pointer,
        };
        Workers.For(job.Inputs.Heads, 1, job, headSize * ((headSize * (job.Spans + span + 1)) + 1));
    }

    private struct MatrixWkvInputs
    {
        public float* Receptances;
        public float* Keys;
        public float* Values;
        public float* Decays;
        public float* Bonus;
        public long Channels;
        public long HeadSize;

        /// <summary>From a row's decays to the next row's; 0 where all rows share them.</summary>
        public long DecayStride;

        public readonly long Heads => Channels / HeadSize;

        public static MatrixWkvInputs Of(
            NativeSpan<float> receptances, NativeSpan<float> keys, NativeSpan<float> values, NativeSpan<float> decays, NativeSpan<float> bonus, long headSize) => new()
            {
                Receptances = receptances.Pointer, Keys = keys.Pointer, Values = values.Pointer, Decays = decays.Pointer, Bonus = bonus.Pointer,
                Channels = bonus.Length, HeadSize = headSize, DecayStride = decays.Length == bonus.Length ? 0 : bonus.Length,
            };

        /// <summary>The part of S that a head keeps at a row: w.</summary>
        public readonly void Fade(long row, long head, float* kept)
        {
            float* decays = Decays + (row * DecayStride) + (head * HeadSize);
            long k = 0;
            for (; k + TLanes.Count <= HeadSize; k += TLanes.Count) Fade<TLanes>(decays + k, kept + k);
            for (; k < HeadSize; k++) Fade<Lanes1>(decays + k, kept + k);
        }

        /// <summary>S ← w · S + kᵀ·v.</summary>
        public readonly void Advance(long row, long head, float* kept, float* memory)
        {
            long place = (row * Channels) + (head * HeadSize);
            for (long k = 0; k < HeadSize; k++, memory += HeadSize)
            {
                Scale(memory, kept[k], HeadSize);
                AddScaled(memory, Keys[place + k], Values + place, HeadSize);
            }
        }

        private static void Fade<T>(float* decays, float* kept)
            where T : unmanaged, ILanes<T> => T.Store(T.Exp(T.Broadcast(0) - T.Exp(T.Load(decays))), kept);
    }

    /// <summary>Items are blocks of a head's value features in a sequence.</summary>
    private struct MatrixWkvJob : IRangeJob
    {
        public SequenceRows* Sequences;
        public MatrixWkvInputs Inputs;
        public StateSlots State;
        public float* Y;

        public readonly long Blocks => (Inputs.HeadSize + ChannelsPerItem - 1) / ChannelsPerItem;

        public readonly void Execute(long start, long end, float* scratch)
        {
            long size = Inputs.HeadSize;
            for (long item = start; item < end; item++)
            {
                SequenceRows rows = Sequences[item / Blocks / Inputs.Heads];
                long head = item / Blocks % Inputs.Heads, feature = item % Blocks * ChannelsPerItem, count = Math.Min(ChannelsPerItem, size - feature);
                float* kept = State.Of(rows);
                if (kept != null) kept += (head * size * size) + feature;
                for (long k = 0; k < size; k++)
                {
                    Span<float> row = new(scratch + (k * ChannelsPerItem), (int)count);
                    if (kept == null || rows.Begins) row.Clear();
                    else new Span<float>(kept + (k * size), (int)count).CopyTo(row);
                }

                for (long row = rows.Start; row < rows.Start + rows.Count; row++) Step(row, head, feature, count, scratch);
                for (long k = 0; kept != null && k < size; k++)
                    new Span<float>(scratch + (k * ChannelsPerItem), (int)count).CopyTo(new Span<float>(kept + (k * size), (int)count));
            }
        }

        private readonly void Step(long row, long head, long feature, long count, float* scratch)
        {
            float* fade = scratch + (Inputs.HeadSize * ChannelsPerItem);
            Inputs.Fade(row, head, fade);
            long i = 0;
            for (; i + TLanes.Count <= count; i += TLanes.Count) Step<TLanes>(row, head, feature + i, fade, scratch + i);
            for (; i < count; i++) Step<Lanes1>(row, head, feature + i, fade, scratch + i);
        }

        private readonly void Step<T>(long row, long head, long feature, float* fade, float* memory)
            where T : unmanaged, ILanes<T>
        {
            long first = head * Inputs.HeadSize, place = (row * Inputs.Channels) + first;
            float* receptances = Inputs.Receptances + place, keys = Inputs.Keys + place, bonus = Inputs.Bonus + first;
            T value = T.Load(Inputs.Values + place + feature), y = T.Broadcast(0);
            for (long k = 0; k < Inputs.HeadSize; k++, memory += ChannelsPerItem)
            {
                T fresh = T.Broadcast(keys[k]) * value, before = T.Load(memory);
                y = T.MultiplyAdd(T.Broadcast(receptances[k]), T.MultiplyAdd(T.Broadcast(bonus[k]), fresh, before), y);
                T.Store(T.MultiplyAdd(T.Broadcast(fade[k]), before, fresh), memory);
            }

            T.Store(y, Y + place + feature);
        }
    }

    /// <summary>
    /// Items are heads. The way back needs S before every row: it is kept at the start of every span of about √N rows on a first way through, and
    /// at every row of one span at a time.
    /// </summary>
    private struct MatrixWkvBackwardJob : IRangeJob
    {
        public SequenceRows* Sequences;
        public long Count;
        public MatrixWkvInputs Inputs;
        public long Span;
        public long Spans;
        public float* GradientY;
        public float* GradientReceptances;
        public float* GradientKeys;
        public float* GradientValues;
        public float* GradientDecays;
        public float* GradientBonus;

        public readonly void Execute(long start, long end, float* scratch)
        {
            for (long head = start; head < end; head++)
                for (long sequence = 0; sequence < Count; sequence++) Run(Sequences[sequence], head, scratch);
        }

        private readonly void Run(in SequenceRows rows, long head, float* scratch)
        {
            long matrix = Inputs.HeadSize * Inputs.HeadSize;
            float* starts = scratch, states = starts + (Spans * matrix), gradient = states + (Span * matrix), fade = gradient + matrix;
            Clear(starts, matrix);
            for (long at = 0; at + Span < rows.Count; at += Span, starts += matrix)
            {
                Copy(starts, starts + matrix, matrix);
                for (long row = at; row < at + Span; row++) Advance(rows.Start + row, head, fade, starts + matrix);
            }

            Clear(gradient, matrix);
            for (long at = (rows.Count - 1) / Span * Span; at >= 0; at -= Span, starts -= matrix)
            {
                long last = Math.Min(at + Span, rows.Count) - 1;
                Copy(starts, states, matrix);
                for (long row = at; row < last; row++)
                {
                    float* before = states + ((row - at) * matrix);
                    Copy(before, before + matrix, matrix);
                    Advance(rows.Start + row, head, fade, before + matrix);
                }

                for (long row = last; row >= at; row--) Back(rows.Start + row, head, fade, states + ((row - at) * matrix), gradient);
            }
        }

        private readonly void Advance(long row, long head, float* fade, float* memory)
        {
            Inputs.Fade(row, head, fade);
            Inputs.Advance(row, head, fade, memory);
        }

        private readonly void Back(long row, long head, float* fade, float* before, float* gradient)
        {
            long size = Inputs.HeadSize, first = head * size, place = (row * Inputs.Channels) + first, decay = (row * Inputs.DecayStride) + first;
            float* values = Inputs.Values + place, gradientY = GradientY + place, gradientValues = GradientValues + place;
            float meeting = Dot(values, gradientY, size), present = 0;
            Inputs.Fade(row, head, fade);
            for (long k = 0; k < size; k++, before += size, gradient += size)
            {
                float receptance = Inputs.Receptances[place + k], key = Inputs.Keys[place + k], bonus = Inputs.Bonus[first + k];
                GradientReceptances[place + k] += Dot(before, gradientY, size) + (bonus * key * meeting);
                GradientKeys[place + k] += Dot(gradient, values, size) + (bonus * receptance * meeting);
                GradientBonus[first + k] += receptance * key * meeting;
                // Where nothing is kept, decay may be so large that its power is infinite.
                if (fade[k] > 0) GradientDecays[decay + k] -= MathF.Exp(Inputs.Decays[decay + k]) * fade[k] * Dot(gradient, before, size);
                present += bonus * receptance * key;
                AddScaled(gradientValues, key, gradient, size);
                Scale(gradient, fade[k], size);
                AddScaled(gradient, receptance, gradientY, size);
            }

            AddScaled(gradientValues, present, gradientY, size);
        }

        private static void Clear(float* to, long count) => new Span<float>(to, (int)count).Clear();

        private static void Copy(float* from, float* to, long count) => new Span<float>(from, (int)count).CopyTo(new Span<float>(to, (int)count));
    }
}
