namespace Caravan.Kernels;

/// <summary>
/// Attention in blocks: some queries of a segment with all query heads of a group meet one key head, tile by tile, in the manner of
/// Dao et al. 2022 ("FlashAttention", alg. 1). Every query goes through its keys in tiles of <see cref="AttentionTile.Keys"/> and ranges of
/// <see cref="RangeKeys"/>, counted from its sequence's first key; a range is summed alone and then added to those before it. So a query's
/// result depends on its own keys only, and neither on the queries beside it nor on who computes which range.
/// Items are (segment, block, key head, range); with one range an item goes through all of them.
/// </summary>
internal unsafe struct AttentionJob<TLanes, TSource> : IRangeJob
    where TLanes : unmanaged, ILanes<TLanes>
    where TSource : unmanaged, IKeySource
{
    /// <summary>Keys that are summed alone: a whole number of tiles.</summary>
    public const int RangeKeys = 512;

    /// <summary>Query rows of a block, where a group has not more heads: enough to make loading a tile cheap, few enough for a second-level cache.</summary>
    public const int UsualRows = 128;

    public AttentionShape Shape;
    public TSource Source;
    public AttentionSegment* Segments;
    public float* Queries;
    public float* Output;
    public float* LogSumExp;

    /// <summary>Queries of a block.</summary>
    public int BlockQueries;

    /// <summary>1, or into how many ranges every block is split; then results go to <see cref="Partials"/>.</summary>
    public int Ranges;

    /// <summary>[rows, heads, ranges] of <see cref="PartialStride"/> floats: the output's sum, the largest score, the weights' sum.</summary>
    public float* Partials;

    /// <summary>Floats of a partial result for values padded to whole registers.</summary>
    public static int PartialStride(int valueStride) => valueStride + 16;

    /// <summary>Features padded to whole registers.</summary>
    public static int Padded(int size) => (size + TLanes.Count - 1) / TLanes.Count * TLanes.Count;

    /// <summary>Floats of scratch memory that a thread needs.</summary>
    public readonly long ScratchFloats()
    {
        long rows = Rows(BlockQueries);
        int padded = Padded(Shape.ValueSize);
        return (AttentionTile.Keys * (long)(Shape.HeadSize + padded + RowTile<TLanes>.Rows)) + Aligned(rows * Shape.HeadSize)
            + (2 * StreamingSoftmax<TLanes>.Floats(rows, padded)) + ((2 + (sizeof(BiasRow) / sizeof(float))) * Aligned(rows));
    }

    public readonly void Execute(long start, long end, float* scratch)
    {
        Memory memory = Place(scratch);
        AttentionSegment* segment = Segments;
        long perBlock = (long)Shape.KeyValueHeads * Ranges, before = 0;
        for (long item = start; item < end; item++)
        {
            while (item - before >= Blocks(*segment) * perBlock) before += Blocks(*segment++) * perBlock;
            long local = item - before;
            int block = (int)(local / perBlock), head = (int)(local % perBlock / Ranges), range = (int)(local % Ranges);
            int query = block * BlockQueries, count = Math.Min(BlockQueries, segment->QueryCount - query);
            Load(*segment, query, count, head, memory);
            int first = memory.First[0], last = memory.End[(count * Group) - 1];
            if (Ranges == 1) Whole(*segment, query, count, head, first, last, memory);
            else Part(*segment, query, count, head, range, Math.Max(first, range * RangeKeys), Math.Min(last, (range + 1) * RangeKeys), memory);
        }
    }

    /// <summary>Blocks of a segment.</summary>
    public readonly long Blocks(in AttentionSegment segment) => (segment.QueryCount + BlockQueries - 1) / BlockQueries;

    private readonly int Group => Shape.Heads / Shape.KeyValueHeads;

    private readonly long Rows(int queries) => (((long)queries * Group) + RowTile<TLanes>.Rows - 1) / RowTile<TLanes>.Rows * RowTile<TLanes>.Rows;

    private static long Aligned(long floats) => (floats + 15) / 16 * 16;

    private readonly Memory Place(float* scratch)
    {
        int padded = Padded(Shape.ValueSize);
        long rows = Rows(BlockQueries);
        Memory memory = new() { Tile = new AttentionTile { Values = scratch, ValueStride = padded } };
        new Span<float>(scratch, AttentionTile.Keys * padded).Clear();
        scratch += AttentionTile.Keys * padded;
        memory.Tile.TurnedKeys = scratch;
        scratch += AttentionTile.Keys * Shape.HeadSize;
        memory.Weights = scratch;
        scratch += AttentionTile.Keys * RowTile<TLanes>.Rows;
        memory.Queries = scratch;
        scratch += Aligned(rows * Shape.HeadSize);
        scratch = StreamingSoftmax<TLanes>.Place(scratch, rows, padded, out memory.Range);
        scratch = StreamingSoftmax<TLanes>.Place(scratch, rows, padded, out memory.Total);
        memory.First = (int*)scratch;
        memory.End = memory.First + Aligned(rows);
        memory.Biases = (BiasRow*)(memory.End + Aligned(rows));
        return memory;
    }

    /// <summary>Queries row by row (query by query, head by head) and what each of them sees.</summary>
    private readonly void Load(in AttentionSegment segment, int query, int count, int head, in Memory memory)
    {
        int size = Shape.HeadSize, width = Group * size;
        for (int i = 0; i < count; i++)
        {
            float* source = Queries + ((long)(segment.QueryStart + query + i) * Shape.QueryWidth) + ((long)head * width);
            new ReadOnlySpan<float>(source, width).CopyTo(new Span<float>(memory.Queries + ((long)i * width), width));
            int position = segment.KeyCount - segment.QueryCount + query + i;
            (int first, int end) = Shape.Visible(position, segment);
            new Span<int>(memory.First + (i * Group), Group).Fill(first);
            new Span<int>(memory.End + (i * Group), Group).Fill(end);
            if (Shape.Bias.IsEmpty) continue;
            for (int member = 0; member < Group; member++) memory.Biases[(i * Group) + member] = Shape.Bias.Row((head * Group) + member, segment.QueryStart + query + i, position);
        }
    }

    private readonly void Whole(in AttentionSegment segment, int query, int count, int head, int first, int end, in Memory memory)
    {
        int rows = count * Group;
        memory.Total.Clear(rows);
        for (int start = first / RangeKeys * RangeKeys; start < end; start += RangeKeys)
        {
            Attend(segment, count, head, Math.Max(first, start), Math.Min(end, start + RangeKeys), memory);
            for (int row = 0; row < rows; row++)
                memory.Total.Merge(row, memory.Range.Largest[row], memory.Range.Sum(row), memory.Range.Outputs + ((long)row * memory.Range.Stride));
        }

        for (int row = 0; row < rows; row++) Finish(memory.Total, row, RowOf(segment, query, head, row));
    }

    private readonly void Part(in AttentionSegment segment, int query, int count, int head, int range, int first, int end, in Memory memory)
    {
        Attend(segment, count, head, first, end, memory);
        int stride = memory.Range.Stride;
        for (int row = 0; row < count * Group; row++)
        {
            float* partial = Partials + (((RowOf(segment, query, head, row) * Ranges) + range) * PartialStride(stride));
            new ReadOnlySpan<float>(memory.Range.Outputs + ((long)row * stride), stride).CopyTo(new Span<float>(partial, stride));
            partial[stride] = memory.Range.Largest[row];
            partial[stride + 1] = memory.Range.Sum(row);
        }
    }

    /// <summary>The place of a block's row among (batch row, head).</summary>
    private readonly long RowOf(in AttentionSegment segment, int query, int head, int row) =>
        ((segment.QueryStart + query + (row / Group)) * (long)Shape.Heads) + (head * Group) + (row % Group);

    /// <summary>One range of keys, tile by tile.</summary>
    private readonly void Attend(in AttentionSegment segment, int count, int head, int first, int end, in Memory memory)
    {
        const int Keys = AttentionTile.Keys;
        int rows = count * Group;
        memory.Range.Clear((int)Rows(count));
        for (int start = first / Keys * Keys; start < end; start += Keys)
        {
            int keys = Math.Min(Keys, end - start);
            Source.Load(segment, start, keys, head, memory.Tile);
            for (int row = 0; row < rows; row += RowTile<TLanes>.Rows) Meet(row, Math.Min(RowTile<TLanes>.Rows, rows - row), start, keys, memory);
        }
    }

    /// <summary>Up to four rows and a tile: products, weights, weighted values.</summary>
    private readonly void Meet(int row, int count, int start, int keys, in Memory memory)
    {
        const int Keys = AttentionTile.Keys;
        int first = memory.First[row], end = memory.End[row + count - 1];
        if (end <= start || first >= start + keys) return;
        keys = Math.Min(keys, end - start);
        int columns = Padded(keys), size = Shape.HeadSize;
        float* weights = memory.Weights;
        for (int i = 0; i < RowTile<TLanes>.Rows * Keys; i += TLanes.Count) TLanes.Store(TLanes.Broadcast(0), weights + i);
        RowTile<TLanes>.Add(memory.Queries + ((long)row * size), size, 1, count, memory.Tile.TurnedKeys, Keys, size, weights, Keys, columns);
        for (int i = 0; i < count; i++)
        {
            int from = Math.Max(0, memory.First[row + i] - start), to = Math.Min(keys, memory.End[row + i] - start);
            if (!Shape.Bias.IsEmpty) AttentionScores<TLanes>.AddBias(weights + (i * Keys), Shape.Bias.Table.Pointer, memory.Biases[row + i], start, from, to);
            if (Shape.SoftCap > 0) AttentionScores<TLanes>.Cap(weights + (i * Keys), Shape.Scale, Shape.SoftCap, columns);
            memory.Range.Weigh(row + i, weights + (i * Keys), Shape.Scale, from, to, columns);
        }

        int stride = memory.Tile.ValueStride;
        RowTile<TLanes>.Add(weights, Keys, 1, count, memory.Tile.Values, stride, keys, memory.Range.Outputs + ((long)row * stride), stride, stride);
    }

    /// <summary>Writes the result of a row.</summary>
    internal readonly void Finish(in StreamingSoftmax<TLanes> softmax, int row, long place)
    {
        int size = Shape.ValueSize;
        float sum = softmax.Sum(row);
        float* source = softmax.Outputs + ((long)row * softmax.Stride), destination = Output + (place * size);
        float inverse = 1 / sum;
        for (int i = 0; i < size; i++) destination[i] = source[i] * inverse;
        if (LogSumExp != null) LogSumExp[place] = softmax.Largest[row] + MathF.Log(sum);
    }

    /// <summary>What a thread works in.</summary>
    private struct Memory
    {
        public AttentionTile Tile;
        public float* Queries;
        public float* Weights;
        public StreamingSoftmax<TLanes> Range;
        public StreamingSoftmax<TLanes> Total;

        /// <summary>For each row the first key it sees, and one past the last.</summary>
        public int* First;
        public int* End;

        /// <summary>For each row where its biases are.</summary>
        public BiasRow* Biases;
    }
}
