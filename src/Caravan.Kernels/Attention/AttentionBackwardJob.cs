namespace Caravan.Kernels;

/// <summary>
/// The gradients of attention (Dao et al. 2022, "FlashAttention", alg. 4) in blocks of query rows times tiles of keys: five small matrix products
/// each. Items are (segment, key head), or key heads where the biases of a head, which all segments share, get a gradient: no two write the same
/// gradient, and sums have one order.
/// </summary>
internal unsafe struct AttentionBackwardJob<TLanes> : IRangeJob
    where TLanes : unmanaged, ILanes<TLanes>
{
    private const int Keys = AttentionTile.Keys;

    /// <summary>Query rows of a block, where a group has not more heads.</summary>
    private const int UsualRows = 64;

    public AttentionShape Shape;
    public AttentionSegment* Segments;
    public float* Queries;
    public float* KeyRows;
    public float* ValueRows;
    public float* Output;
    public float* LogSumExp;
    public float* GradientOutput;
    public float* GradientQueries;
    public float* GradientKeys;
    public float* GradientValues;

    /// <summary>Shaped like the table of biases; null when nobody asks for it.</summary>
    public float* GradientBias;

    /// <summary>Number of <see cref="Segments"/>.</summary>
    public int SegmentCount;

    private readonly int Group => Shape.Heads / Shape.KeyValueHeads;

    private readonly int BlockQueries => Math.Max(1, UsualRows / Group);

    /// <summary>Features padded to whole registers.</summary>
    private readonly int Stride => (Shape.HeadSize + TLanes.Count - 1) / TLanes.Count * TLanes.Count;

    /// <summary>Rows of a block, rounded up for <see cref="RowTile{TLanes}"/>.</summary>
    private readonly int Rows => ((BlockQueries * Group) + RowTile<TLanes>.Rows - 1) / RowTile<TLanes>.Rows * RowTile<TLanes>.Rows;

    /// <summary>Floats of scratch memory that a thread needs.</summary>
    public readonly long ScratchFloats() =>
        (3L * Keys * Stride) + (2L * Keys * Shape.HeadSize) + (3L * Rows * Stride) + (2L * Rows * Keys);

    public readonly void Execute(long start, long end, float* scratch)
    {
        Memory memory = Place(scratch);
        for (long item = start; item < end; item++)
        {
            if (GradientBias == null) AddSegment(Segments[item / Shape.KeyValueHeads], (int)(item % Shape.KeyValueHeads), memory);
            else for (int segment = 0; segment < SegmentCount; segment++) AddSegment(Segments[segment], (int)item, memory);
        }
    }

    /// <summary>Number of items.</summary>
    public readonly long Items => GradientBias == null ? (long)SegmentCount * Shape.KeyValueHeads : Shape.KeyValueHeads;

    private readonly void AddSegment(in AttentionSegment segment, int head, in Memory memory)
    {
        for (int first = 0; first < segment.KeyCount; first += Keys) AddTile(segment, head, first, Math.Min(Keys, segment.KeyCount - first), memory);
    }

    /// <summary>Zeros everywhere: what pads rows and tiles is multiplied too.</summary>
    private readonly Memory Place(float* scratch)
    {
        int tile = Keys * Stride, turned = Keys * Shape.HeadSize, block = Rows * Stride;
        new Span<float>(scratch, checked((int)ScratchFloats())).Clear();
        Memory memory = new() { Keys = scratch, GradientKeys = scratch + tile, GradientValues = scratch + (2 * tile) };
        memory.TurnedKeys = scratch + (3 * tile);
        memory.TurnedValues = memory.TurnedKeys + turned;
        memory.Queries = memory.TurnedValues + turned;
        memory.GradientOutputs = memory.Queries + block;
        memory.GradientQueries = memory.GradientOutputs + block;
        memory.Weights = memory.GradientQueries + block;
        memory.Gradients = memory.Weights + (Rows * Keys);
        return memory;
    }

    /// <summary>All queries that see some of these keys.</summary>
    private readonly void AddTile(in AttentionSegment segment, int head, int first, int count, in Memory memory)
    {
        int size = Shape.HeadSize, width = Shape.KeyWidth;
        long offset = ((long)(segment.KeyStart + first) * width) + (head * size);
        RowKeys.Turn(KeyRows + offset, width, count, size, memory.TurnedKeys, Keys);
        RowKeys.Turn(ValueRows + offset, width, count, size, memory.TurnedValues, Keys);
        for (int key = 0; key < count; key++) Copy(KeyRows + offset + ((long)key * width), memory.Keys + (key * Stride));
        new Span<float>(memory.GradientKeys, 2 * Keys * Stride).Clear();
        for (int query = 0; query < segment.QueryCount; query += BlockQueries)
            AddBlock(segment, query, Math.Min(BlockQueries, segment.QueryCount - query), head, first, count, memory);
        for (int key = 0; key < count; key++)
        {
            KernelSet<TLanes>.AddScaled(GradientKeys + offset + ((long)key * width), 1, memory.GradientKeys + (key * Stride), size);
            KernelSet<TLanes>.AddScaled(GradientValues + offset + ((long)key * width), 1, memory.GradientValues + (key * Stride), size);
        }
    }

    private readonly void AddBlock(in AttentionSegment segment, int query, int queries, int head, int first, int count, in Memory memory)
    {
        int before = segment.KeyCount - segment.QueryCount + query, rows = queries * Group, stride = Stride, size = Shape.HeadSize;
        if (Shape.Visible(before + queries - 1, segment).End <= first || Shape.Visible(before, segment).First >= first + count) return;
        for (int row = 0; row < rows; row++)
        {
            long place = Place(segment, query, head, row);
            Copy(Queries + (place * size), memory.Queries + (row * stride));
            Copy(GradientOutput + (place * size), memory.GradientOutputs + (row * stride));
        }

        new Span<float>(memory.Weights, 2 * Rows * Keys).Clear();
        RowTile<TLanes>.Add(memory.Queries, stride, 1, rows, memory.TurnedKeys, Keys, size, memory.Weights, Keys, Keys);
        RowTile<TLanes>.Add(memory.GradientOutputs, stride, 1, rows, memory.TurnedValues, Keys, size, memory.Gradients, Keys, Keys);
        for (int row = 0; row < rows; row++)
        {
            (int from, int to) = Shape.Visible(before + (row / Group), segment);
            from = Math.Clamp(from - first, 0, count);
            to = Math.Clamp(to - first, 0, count);
            float* products = memory.Weights + (row * Keys);
            BiasRow biases = Shape.Bias.Row((head * Group) + (row % Group), segment.QueryStart + query + (row / Group), before + (row / Group));
            if (!Shape.Bias.IsEmpty) AttentionScores<TLanes>.AddBias(products, Shape.Bias.Table.Pointer, biases, first, from, to);
            if (Shape.SoftCap > 0) AttentionScores<TLanes>.Cap(products, Shape.Scale, Shape.SoftCap, Keys);
            Weigh(Place(segment, query, head, row), row, from, to, memory);
            if (GradientBias != null) AttentionScores<TLanes>.AddGradient(memory.Gradients + (row * Keys), GradientBias, biases, first, from, to);
        }

        RowTile<TLanes>.Add(memory.Weights, 1, Keys, Keys, memory.GradientOutputs, stride, rows, memory.GradientValues, stride, stride);
        RowTile<TLanes>.Add(memory.Gradients, 1, Keys, Keys, memory.Queries, stride, rows, memory.GradientKeys, stride, stride);
        new Span<float>(memory.GradientQueries, Rows * stride).Clear();
        RowTile<TLanes>.Add(memory.Gradients, Keys, 1, rows, memory.Keys, stride, count, memory.GradientQueries, stride, stride);
        for (int row = 0; row < rows; row++)
            KernelSet<TLanes>.AddScaled(GradientQueries + (Place(segment, query, head, row) * size), 1, memory.GradientQueries + (row * stride), size);
    }

    /// <summary>
    /// Scores (before their scale) and dy·v of a row become weights p = e^(scale · score − logSumExp) and gradients scale · p · (dy·v − dy·y), times
    /// 1 − tanh² where scores are capped; 0 where hidden.
    /// </summary>
    private readonly void Weigh(long place, int row, int from, int to, in Memory memory)
    {
        float* weights = memory.Weights + (row * Keys), gradients = memory.Gradients + (row * Keys);
        float delta = KernelSet<TLanes>.Dot(memory.GradientOutputs + (row * Stride), Output + (place * Shape.HeadSize), Shape.HeadSize);
        TLanes scale = TLanes.Broadcast(Shape.Scale), logSum = TLanes.Broadcast(LogSumExp[place]), shift = TLanes.Broadcast(delta);
        for (int i = 0; i < Keys; i += TLanes.Count)
        {
            TLanes score = TLanes.Load(weights + i), weight = SoftmaxExp.Of((scale * score) - logSum);
            TLanes gradient = scale * weight * (TLanes.Load(gradients + i) - shift);
            if (Shape.SoftCap > 0)
            {
                TLanes tanh = TLanes.Broadcast(Shape.Scale / Shape.SoftCap) * score;
                gradient -= gradient * tanh * tanh;
            }

            TLanes.Store(weight, weights + i);
            TLanes.Store(gradient, gradients + i);
        }

        for (int i = 0; i < from; i++) weights[i] = gradients[i] = 0;
        for (int i = to; i < Keys; i++) weights[i] = gradients[i] = 0;
    }

    /// <summary>The place of a block's row among (batch row, head).</summary>
    private readonly long Place(in AttentionSegment segment, int query, int head, int row) =>
        ((segment.QueryStart + query + (row / Group)) * (long)Shape.Heads) + (head * Group) + (row % Group);

    private readonly void Copy(float* source, float* destination) =>
        new ReadOnlySpan<float>(source, Shape.HeadSize).CopyTo(new Span<float>(destination, Shape.HeadSize));

    /// <summary>What a thread works in. Rows of features are padded to whole registers, rows of keys are <see cref="Keys"/> long.</summary>
    private struct Memory
    {
        public float* Keys;
        public float* GradientKeys;
        public float* GradientValues;
        public float* TurnedKeys;
        public float* TurnedValues;
        public float* Queries;
        public float* GradientOutputs;
        public float* GradientQueries;
        public float* Weights;
        public float* Gradients;
    }
}
