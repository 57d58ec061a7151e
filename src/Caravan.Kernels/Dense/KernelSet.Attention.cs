namespace Caravan.Kernels;

internal abstract partial class KernelSet
{
    /// <summary>Tokens per page of keys and values.</summary>
    public const int PageTokens = 16;

    /// <summary>
    /// Streaming-softmax attention (Milakov and Gimelshein 2018, alg. 3; Dao et al. 2022, "FlashAttention", alg. 1): one pass over the
    /// visible keys page by page, without a matrix of scores.
    /// </summary>
    /// <param name="shape">Heads, scale and visibility.</param>
    /// <param name="segments">The sequences of the batch.</param>
    /// <param name="queries">[rows, heads, headSize].</param>
    /// <param name="keys">Key rows of [keyValueHeads, headSize], in pages <paramref name="pageStride"/> floats apart.</param>
    /// <param name="values">Value rows, likewise.</param>
    /// <param name="pageStride">Floats from one page to the next; PageTokens · KeyWidth where pages follow each other.</param>
    /// <param name="pageTable">Page numbers of all segments; empty where keys lie in one run per segment.</param>
    /// <param name="output">[rows, heads, headSize].</param>
    /// <param name="logSumExp">[rows, heads]: the logarithm of each softmax denominator, for the backward pass; may be empty.</param>
    public abstract void Attention(
        in AttentionShape shape, NativeSpan<AttentionSegment> segments, NativeSpan<float> queries, NativeSpan<float> keys, NativeSpan<float> values,
        long pageStride, NativeSpan<int> pageTable, NativeSpan<float> output, NativeSpan<float> logSumExp);
}

internal sealed unsafe partial class KernelSet<TLanes>
{
    public override void Attention(
        in AttentionShape shape, NativeSpan<AttentionSegment> segments, NativeSpan<float> queries, NativeSpan<float> keys, NativeSpan<float> values,
        long pageStride, NativeSpan<int> pageTable, NativeSpan<float> output, NativeSpan<float> logSumExp)
    {
        long rows = queries.Length / shape.QueryWidth, scores = 0;
        foreach (AttentionSegment segment in segments.AsSpan()) scores += (long)segment.QueryCount * segment.KeyCount;
        AttentionJob job = new()
        {
            Shape = shape, Segments = segments.Pointer, Queries = queries.Pointer, Output = output.Pointer,
            Keys = keys.Pointer, Values = values.Pointer, PageStride = pageStride, PageTable = pageTable.Length == 0 ? null : pageTable.Pointer,
            LogSumExp = logSumExp.Length == 0 ? null : logSumExp.Pointer,
        };
        long workPerItem = scores / Math.Max(1, rows) * shape.QueryWidth / shape.KeyValueHeads;
        Workers.For(rows * shape.KeyValueHeads, RowGrain(workPerItem), job);
    }

    /// <summary>Items are (row, key head): a group of query heads that reads one key head.</summary>
    private struct AttentionJob : IRangeJob
    {
        public AttentionShape Shape;
        public AttentionSegment* Segments;
        public float* Queries;
        public float* Keys;
        public float* Values;
        public int* PageTable;
        public long PageStride;
        public float* Output;
        public float* LogSumExp;

        public readonly void Execute(long start, long end, float* scratch)
        {
            float* scores = stackalloc float[PageTokens];
            int group = Shape.Heads / Shape.KeyValueHeads;
            AttentionSegment* segment = Segments;
            for (long item = start; item < end; item++)
            {
                long row = item / Shape.KeyValueHeads;
                int keyHead = (int)(item % Shape.KeyValueHeads);
                while (row >= segment->QueryStart + segment->QueryCount) segment++;
                for (int head = keyHead * group; head < (keyHead + 1) * group; head++) Attend(*segment, row, head, keyHead, scores);
            }
        }

        private readonly void Attend(in AttentionSegment segment, long row, int head, int keyHead, float* scores)
        {
            int size = Shape.HeadSize, width = Shape.KeyWidth;
            float* q = Queries + (row * Shape.QueryWidth) + (head * size), output = Output + (row * Shape.QueryWidth) + (head * size);
            (int first, int end) = Shape.Visible((int)(segment.KeyCount - segment.QueryCount + row - segment.QueryStart), segment.KeyCount);
            float max = float.NegativeInfinity, sum = 0;
            new Span<float>(output, size).Clear();
            for (int key = first; key < end;)
            {
                int inPage = key % PageTokens, count = Math.Min(PageTokens - inPage, end - key);
                long offset = PageOffset(segment, key / PageTokens) + ((long)inPage * width) + (keyHead * size);
                float* k = Keys + offset, v = Values + offset;
                for (int i = 0; i < count; i++) scores[i] = Shape.Scale * Dot(q, k + ((long)i * width), size);
                float newMax = MathF.Max(max, KernelSet<TLanes>.Max(scores, count));
                if (newMax > max && sum > 0)
                {
                    float shrink = MathF.Exp(max - newMax);
                    KernelSet<TLanes>.Scale(output, shrink, size);
                    sum *= shrink;
                }

                max = newMax;
                sum += ExpSum(scores, max, scores, count);
                for (int i = 0; i < count; i++) AddScaled(output, scores[i], v + ((long)i * width), size);
                key += count;
            }

            KernelSet<TLanes>.Scale(output, 1 / sum, size);
            if (LogSumExp != null) LogSumExp[(row * Shape.Heads) + head] = max + MathF.Log(sum);
        }

        /// <summary>Floats from the first key of the buffer to the first of a page of a segment.</summary>
        private readonly long PageOffset(in AttentionSegment segment, int page) => PageTable == null
            ? ((long)segment.KeyStart * Shape.KeyWidth) + (page * PageStride)
            : PageTable[segment.PageStart + page] * PageStride;
    }
}
