namespace Caravan.Kernels;

internal abstract partial class KernelSet
{
    /// <summary>Tokens per page of keys and values.</summary>
    public const int PageTokens = 16;

    /// <summary>Streaming-softmax attention over keys and values in rows: each segment's keys follow each other from its KeyStart.</summary>
    /// <param name="shape">Heads, scale and visibility.</param>
    /// <param name="segments">The sequences of the batch.</param>
    /// <param name="queries">[rows, heads, headSize].</param>
    /// <param name="keys">Rows of [keyValueHeads, headSize].</param>
    /// <param name="values">Rows of [keyValueHeads, headSize].</param>
    /// <param name="output">[rows, heads, headSize].</param>
    /// <param name="logSumExp">[rows, heads]: the logarithm of each softmax denominator, for the backward pass; may be empty.</param>
    public abstract void Attention(
        in AttentionShape shape, NativeSpan<AttentionSegment> segments, NativeSpan<float> queries, NativeSpan<float> keys, NativeSpan<float> values,
        NativeSpan<float> output, NativeSpan<float> logSumExp);

    /// <summary>The same over keys and values in pages; bit for bit the same where those keep floats.</summary>
    /// <param name="shape">Heads, scale and visibility.</param>
    /// <param name="segments">The sequences of the batch.</param>
    /// <param name="queries">[rows, heads, headSize].</param>
    /// <param name="pages">The pages of this layer.</param>
    /// <param name="pageTable">Page numbers of all segments.</param>
    /// <param name="output">[rows, heads, headSize].</param>
    public abstract void Attention(
        in AttentionShape shape, NativeSpan<AttentionSegment> segments, NativeSpan<float> queries, in LayerPages pages, NativeSpan<int> pageTable,
        NativeSpan<float> output);
}

internal sealed unsafe partial class KernelSet<TLanes>
{
    /// <summary>Items that each thread gets at least, if blocks can be made small enough.</summary>
    private const int ItemsPerWorker = 4;

    private readonly Lock partialsGate = new();
    private NativeBuffer? partials;

    public override void Attention(
        in AttentionShape shape, NativeSpan<AttentionSegment> segments, NativeSpan<float> queries, NativeSpan<float> keys, NativeSpan<float> values,
        NativeSpan<float> output, NativeSpan<float> logSumExp)
    {
        RowKeys source = new() { Keys = keys.Pointer, Values = values.Pointer, HeadSize = shape.HeadSize, Width = shape.KeyWidth };
        Attend(shape, segments, queries, source, output, logSumExp.Length == 0 ? null : logSumExp.Pointer);
    }

    public override void Attention(
        in AttentionShape shape, NativeSpan<AttentionSegment> segments, NativeSpan<float> queries, in LayerPages pages, NativeSpan<int> pageTable,
        NativeSpan<float> output)
    {
        switch (pages.Type)
        {
            case DType.F32: Attend<F32Page>(shape, segments, queries, pages, pageTable, output); break;
            case DType.F16: Attend<F16Page>(shape, segments, queries, pages, pageTable, output); break;
            case DType.Q8_0: Attend<Q8_0Page>(shape, segments, queries, pages, pageTable, output); break;
            case DType.Q4_0: Attend<Q4_0Page>(shape, segments, queries, pages, pageTable, output); break;
            default: throw LayerPages.Unknown(pages.Type);
        }
    }

    private void Attend<TFormat>(
        in AttentionShape shape, NativeSpan<AttentionSegment> segments, NativeSpan<float> queries, in LayerPages pages, NativeSpan<int> pageTable,
        NativeSpan<float> output)
        where TFormat : struct, IPageFormat
    {
        PagedKeys<TLanes, TFormat> source = new()
        {
            Keys = pages.Keys.Pointer, Values = pages.Values.Pointer, PageTable = pageTable.Pointer, PageStride = pages.PageStride, HeadSize = shape.HeadSize,
        };
        Attend(shape, segments, queries, source, output, null);
    }

    private void Attend<TSource>(
        in AttentionShape shape, NativeSpan<AttentionSegment> segments, NativeSpan<float> queries, TSource source, NativeSpan<float> output,
        float* logSumExp)
        where TSource : unmanaged, IKeySource
    {
        long rows = queries.Length / shape.QueryWidth;
        if (rows == 0) return;
        int group = shape.Heads / shape.KeyValueHeads, most = Math.Max(1, AttentionJob<TLanes, TSource>.UsualRows / group);
        AttentionJob<TLanes, TSource> job = new()
        {
            Shape = shape, Source = source, Segments = segments.Pointer, Queries = queries.Pointer, Output = output.Pointer, LogSumExp = logSumExp,
            BlockQueries = (int)Math.Clamp(rows * shape.KeyValueHeads / ((long)ItemsPerWorker * Workers.Workers), 1, most), Ranges = 1,
        };
        long items = 0, longest = 0;
        foreach (AttentionSegment segment in segments.AsSpan())
        {
            items += job.Blocks(segment) * shape.KeyValueHeads;
            longest = Math.Max(longest, segment.KeyCount);
        }

        int ranges = (int)((longest + AttentionJob<TLanes, TSource>.RangeKeys - 1) / AttentionJob<TLanes, TSource>.RangeKeys);
        if (ranges > 1 && Workers.Workers > 1 && items < (long)ItemsPerWorker * Workers.Workers) AttendInRanges(job, items, rows, ranges);
        else Workers.For(items, Grain(items, longest * group * shape.HeadSize * job.BlockQueries), job, job.ScratchFloats());
    }

    /// <summary>Few queries and many keys: the ranges are the items, and a second region adds them.</summary>
    private void AttendInRanges<TSource>(AttentionJob<TLanes, TSource> job, long blocks, long rows, int ranges)
        where TSource : unmanaged, IKeySource
    {
        int stride = AttentionJob<TLanes, TSource>.Padded(job.Shape.ValueSize);
        long places = rows * job.Shape.Heads, floats = places * ranges * AttentionJob<TLanes, TSource>.PartialStride(stride);
        lock (partialsGate)
        {
            if (partials is null || partials.Length < floats * sizeof(float))
            {
                partials?.Dispose();
                partials = null;
                partials = new NativeBuffer(2 * floats * sizeof(float), clear: false);
            }

            job.Ranges = ranges;
            job.Partials = (float*)partials.Bytes.Pointer;
            Workers.For(blocks * ranges, 1, job, job.ScratchFloats());
            AttentionMergeJob<TLanes, TSource> merge = new() { Parts = job };
            Workers.For(places, RowGrain((long)ranges * stride), merge, AttentionMergeJob<TLanes, TSource>.ScratchFloats(stride));
        }
    }

    /// <summary>Items per piece: one, unless all of them together are little work.</summary>
    private long Grain(long items, long workPerItem) =>
        Math.Max(1, Math.Min(RowGrain(workPerItem), items / ((long)ItemsPerWorker * Workers.Workers)));
}
