using Caravan.Kernels;

namespace Caravan.Tensors.Ops;

/// <summary>Scaled dot-product attention over the sequences of a batch (Vaswani et al. 2017, eq. 1), heads sharing keys in groups.</summary>
internal static class Attention
{
    /// <summary>y = softmax(scale · q·kᵀ) · v over the keys that each query sees. The keys are those of this batch alone.</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="shape">Heads, scale and visibility.</param>
    /// <param name="segments">The rows of each sequence, in order and without gaps; no page table.</param>
    /// <param name="queries">[N, heads · headSize] F32.</param>
    /// <param name="keys">[N, keyValueHeads · headSize] F32.</param>
    /// <param name="values">[N, keyValueHeads · headSize] F32.</param>
    /// <returns>
    /// [N, heads · headSize] F32. With p the softmax: dv = pᵀ·dy, ds = p·(dy·vᵀ − rowsum(dy·y)), dq = scale·ds·k, dk = scale·dsᵀ·q.
    /// </returns>
    public static Tensor Forward(
        Pass pass, in AttentionShape shape, NativeSpan<AttentionSegment> segments, Tensor queries, Tensor keys, Tensor values)
    {
        RequireWidths(shape, queries, keys, values);
        RequireSegments(segments, queries);
        foreach (AttentionSegment segment in segments.AsSpan())
        {
            ShapeGuard.Require(
                segment.KeyStart >= 0 && segment.KeyStart <= keys.Shape.Rows - segment.KeyCount, $"Attention: {segment} needs more keys than {keys} has.");
        }

        Tensor y = pass.Result(queries.Shape, queries, keys, values);
        Tensor? logSumExp = y.RequiresGradient ? pass.Workspace.Rent(new Shape(queries.Shape.Rows, shape.Heads)) : null;
        pass.Kernels.Attention(
            shape, segments, queries.Floats, keys.Floats, values.Floats, y.Floats, logSumExp is null ? default : logSumExp.Floats);
        if (y.RequiresGradient) pass.Tape!.Record<AttentionStep>().Set(shape, segments, queries, keys, values, y, logSumExp!);
        return y;
    }

    /// <summary>
    /// The same over keys and values kept in pages: this batch's own are put there first, then its queries see everything their sequences have.
    /// For inference: nothing is recorded.
    /// </summary>
    /// <param name="pass">The pass in progress; without a tape.</param>
    /// <param name="shape">Heads, scale and visibility.</param>
    /// <param name="segments">The rows of each sequence, in order and without gaps, and its place in the page table.</param>
    /// <param name="queries">[N, heads · headSize] F32.</param>
    /// <param name="keys">[N, keyValueHeads · headSize] F32.</param>
    /// <param name="values">[N, keyValueHeads · headSize] F32.</param>
    /// <param name="pages">The pages of this layer.</param>
    /// <param name="map">Where the batch's sequences and rows are in the pages.</param>
    /// <returns>[N, heads · headSize] F32.</returns>
    public static Tensor Forward(
        Pass pass, in AttentionShape shape, NativeSpan<AttentionSegment> segments, Tensor queries, Tensor keys, Tensor values,
        in LayerPages pages, in PageMap map)
    {
        RequireWidths(shape, queries, keys, values);
        RequireSegments(segments, queries);
        RequirePages(shape, segments, pages, map, queries);
        if (pass.Tape is not null) throw new InvalidOperationException("Paged attention keeps nothing for a backward pass; train without pages.");
        pass.Kernels.StoreRows(shape, keys.Floats, values.Floats, map.RowPages, map.Positions, pages);
        Tensor y = pass.Result(queries.Shape, queries);
        pass.Kernels.Attention(shape, segments, queries.Floats, pages, map.Table, y.Floats);
        return y;
    }

    private static void RequireWidths(in AttentionShape shape, Tensor queries, Tensor keys, Tensor values)
    {
        ShapeGuard.Require(
            shape.KeyValueHeads > 0 && shape.Heads % shape.KeyValueHeads == 0,
            $"Attention: {shape.Heads} heads cannot share {shape.KeyValueHeads} key heads evenly.");
        ShapeGuard.Require(queries.Shape.Columns == shape.QueryWidth, $"Attention: {queries} is not {shape.Heads} heads of {shape.HeadSize}.");
        ShapeGuard.Require(
            keys.Shape.Columns == shape.KeyWidth && values.Shape == keys.Shape && keys.Shape.Rows == queries.Shape.Rows,
            $"Attention: keys {keys} and values {values} do not fit {queries} with {shape.KeyValueHeads} key heads of {shape.HeadSize}.");
    }

    /// <summary>Every row of the result belongs to one segment, and every query has a position of its own among the keys.</summary>
    private static void RequireSegments(NativeSpan<AttentionSegment> segments, Tensor queries)
    {
        long rows = 0;
        foreach (AttentionSegment segment in segments.AsSpan())
        {
            ShapeGuard.Require(
                segment.QueryStart == rows && segment.QueryCount >= 0 && segment.KeyCount >= segment.QueryCount,
                $"Attention: {segment} should start at row {rows} and have a key for each query.");
            rows += segment.QueryCount;
        }

        ShapeGuard.Require(rows == queries.Shape.Rows, $"Attention: segments of {rows} rows in all do not cover {queries}.");
    }

    private static void RequirePages(
        in AttentionShape shape, NativeSpan<AttentionSegment> segments, in LayerPages pages, in PageMap map, Tensor queries)
    {
        ShapeGuard.Require(
            map.RowPages.Length == queries.Shape.Rows && map.Positions.Length == queries.Shape.Rows,
            $"Attention: {map.RowPages.Length} pages and {map.Positions.Length} positions do not fit the rows of {queries}.");
        RequirePageType(pages.Type, shape.HeadSize);
        long pageBytes = pages.Type.Bytes((long)KernelSet.PageTokens * shape.KeyWidth);
        long pageCount = PageCount(pages.Keys, pages.PageStride, pageBytes), valuePages = PageCount(pages.Values, pages.PageStride, pageBytes);
        foreach (AttentionSegment segment in segments.AsSpan())
        {
            int needed = (segment.KeyCount + KernelSet.PageTokens - 1) / KernelSet.PageTokens;
            ShapeGuard.Require(
                segment.PageStart >= 0 && segment.PageStart <= map.Table.Length - needed,
                $"Attention: {segment} needs {needed} entries of a page table of {map.Table.Length}.");
            foreach (int page in map.Table.AsSpan(segment.PageStart, needed))
                ShapeGuard.Require(page >= 0 && page < pageCount && page < valuePages, $"Attention: page {page} is outside a pool of {pageCount} pages.");
        }
    }

    /// <summary>Block types quantize the features of a head, so these must fill whole blocks.</summary>
    internal static void RequirePageType(DType type, int headSize)
    {
        if (!LayerPages.Types.Contains(type)) throw LayerPages.Unknown(type);
        ShapeGuard.Require(
            headSize % type.BlockElements() == 0,
            $"Attention: keys and values of {type} need heads of a multiple of {type.BlockElements()} features, but these have {headSize}; keep them as F16.");
    }

    /// <summary>Whole pages of the layer in the rest of a pool; the last one needs no room up to the next.</summary>
    private static long PageCount(NativeSpan<byte> pool, long stride, long pageBytes) =>
        pool.Length < pageBytes ? 0 : ((pool.Length - pageBytes) / stride) + 1;
}

file sealed class AttentionStep : TapeStep
{
    private AttentionShape shape;
    private NativeSpan<AttentionSegment> segments;
    private Tensor queries = null!, keys = null!, values = null!, y = null!, logSumExp = null!;

    public void Set(
        in AttentionShape shape, NativeSpan<AttentionSegment> segments, Tensor queries, Tensor keys, Tensor values, Tensor y, Tensor logSumExp)
    {
        (this.shape, this.segments, this.queries, this.keys) = (shape, segments, queries, keys);
        (this.values, this.y, this.logSumExp) = (values, y, logSumExp);
    }

    public override void Backward(Pass pass) => pass.Kernels.AttentionBackward(
        shape, segments, queries.Floats, keys.Floats, values.Floats, y.Floats, logSumExp.Floats, pass.GradientOf(y),
        Gradient(pass, queries), Gradient(pass, keys), Gradient(pass, values));

    /// <summary>The kernel writes all three gradients; one that nobody asks for goes to scratch memory.</summary>
    private static NativeSpan<float> Gradient(Pass pass, Tensor tensor) =>
        tensor.RequiresGradient ? pass.GradientOf(tensor) : pass.Workspace.RentZeroed(tensor.Shape).Floats;
}
