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
    /// <param name="bias">The tensor that holds the shape's table of biases, if a tape is to follow it; null for fixed ones.</param>
    /// <returns>
    /// [N, heads · headSize] F32. With p the softmax: dv = pᵀ·dy, ds = p·(dy·vᵀ − rowsum(dy·y)), dq = scale·ds·k, dk = scale·dsᵀ·q,
    /// dbias = scale·Σds over the pairs that it is added to.
    /// </returns>
    /// <remarks>Where every query sees all keys of its segment, these may be more or fewer than the queries: rows of another sequence.</remarks>
    public static Tensor Forward(
        Pass pass, in AttentionShape shape, NativeSpan<AttentionSegment> segments, Tensor queries, Tensor keys, Tensor values, Tensor? bias = null)
    {
        RequireWidths(shape, queries, keys, values);
        RequireSegments(shape, segments, queries);
        foreach (AttentionSegment segment in segments.AsSpan())
        {
            ShapeGuard.Require(
                segment.KeyStart >= 0 && segment.KeyStart <= keys.Shape.Rows - segment.KeyCount, $"Attention: {segment} needs more keys than {keys} has.");
        }

        Tensor y = pass.Result(queries.Shape, queries, keys, values, bias);
        Tensor? logSumExp = y.RequiresGradient ? pass.Workspace.Rent(new Shape(queries.Shape.Rows, shape.Heads)) : null;
        pass.Kernels.Attention(
            shape, segments, queries.Floats, keys.Floats, values.Floats, y.Floats, logSumExp is null ? default : logSumExp.Floats);
        if (y.RequiresGradient) pass.Tape!.Record<AttentionStep>().Set(shape, segments, queries, keys, values, bias, y, logSumExp!);
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
        Store(pass, shape, keys, values, pages, map);
        return Forward(pass, shape, segments, queries, pages, map.Table);
    }

    /// <summary>The same over keys and values that <see cref="Store"/> has put there before: nothing is added to them.</summary>
    /// <param name="pass">The pass in progress; without a tape.</param>
    /// <param name="shape">Heads, scale and visibility.</param>
    /// <param name="segments">The rows of each sequence, in order and without gaps, and its place in the page table.</param>
    /// <param name="queries">[N, heads · headSize] F32.</param>
    /// <param name="pages">The pages of this layer.</param>
    /// <param name="table">The page numbers of all sequences.</param>
    /// <returns>[N, heads · headSize] F32.</returns>
    public static Tensor Forward(
        Pass pass, in AttentionShape shape, NativeSpan<AttentionSegment> segments, Tensor queries, in LayerPages pages, NativeSpan<int> table)
    {
        if (pass.Tape is not null) throw new InvalidOperationException("Paged attention keeps nothing for a backward pass; train without pages.");
        RequireHeads(shape, queries);
        RequireSegments(shape, segments, queries);
        RequirePages(shape, segments, pages, table);
        Tensor y = pass.Result(queries.Shape, queries);
        pass.Kernels.Attention(shape, segments, queries.Floats, pages, table, y.Floats);
        return y;
    }

    /// <summary>Puts keys and values in their places in the pages.</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="shape">Heads and their sizes.</param>
    /// <param name="keys">[N, keyValueHeads · headSize] F32.</param>
    /// <param name="values">[N, keyValueHeads · headSize] F32.</param>
    /// <param name="pages">The pages of this layer.</param>
    /// <param name="map">The page and the position of each row.</param>
    public static void Store(Pass pass, in AttentionShape shape, Tensor keys, Tensor values, in LayerPages pages, in PageMap map)
    {
        RequireKeys(shape, keys, values);
        ShapeGuard.Require(
            map.RowPages.Length == keys.Shape.Rows && map.Positions.Length == keys.Shape.Rows,
            $"Attention: {map.RowPages.Length} pages and {map.Positions.Length} positions do not fit the rows of {keys}.");
        RequirePageType(pages.Type, shape.HeadSize);
        long count = PagesIn(shape, pages);
        foreach (int page in map.RowPages.AsSpan()) RequirePage(page, count);
        pass.Kernels.StoreRows(shape, keys.Floats, values.Floats, map.RowPages, map.Positions, pages);
    }

    private static void RequireWidths(in AttentionShape shape, Tensor queries, Tensor keys, Tensor values)
    {
        RequireHeads(shape, queries);
        RequireKeys(shape, keys, values);
        ShapeGuard.Require(
            SeesAll(shape) || keys.Shape.Rows == queries.Shape.Rows, $"Attention: keys {keys} and values {values} do not fit {queries} row by row.");
    }

    private static void RequireHeads(in AttentionShape shape, Tensor queries)
    {
        ShapeGuard.Require(
            shape.KeyValueHeads > 0 && shape.Heads % shape.KeyValueHeads == 0,
            $"Attention: {shape.Heads} heads cannot share {shape.KeyValueHeads} key heads evenly.");
        ShapeGuard.Require(queries.Shape.Columns == shape.QueryWidth, $"Attention: {queries} is not {shape.Heads} heads of {shape.HeadSize}.");
        ShapeGuard.Require(
            shape.Bias.Parts.Length == 0 || shape.Bias.Parts.Length == queries.Shape.Rows, $"Attention: {shape.Bias.Parts.Length} parts do not fit the rows of {queries}.");
    }

    private static void RequireKeys(in AttentionShape shape, Tensor keys, Tensor values) => ShapeGuard.Require(
        keys.Shape.Columns == shape.KeyWidth && values.Shape == keys.Shape,
        $"Attention: keys {keys} and values {values} are not {shape.KeyValueHeads} key heads of {shape.HeadSize}.");

    /// <summary>Whether the place of a query does not matter.</summary>
    private static bool SeesAll(in AttentionShape shape) => !shape.Causal && shape.Window == 0 && shape.Bias.IsEmpty;

    /// <summary>Every row of the result belongs to one segment, and every query has a position of its own among the keys, where positions matter.</summary>
    private static void RequireSegments(in AttentionShape shape, NativeSpan<AttentionSegment> segments, Tensor queries)
    {
        long rows = 0;
        foreach (AttentionSegment segment in segments.AsSpan())
        {
            ShapeGuard.Require(
                segment.QueryStart == rows && segment.QueryCount >= 0 && segment.KeyCount >= (SeesAll(shape) ? Math.Min(1, segment.QueryCount) : segment.QueryCount),
                $"Attention: {segment} should start at row {rows} and have a key for each query.");
            rows += segment.QueryCount;
        }

        ShapeGuard.Require(rows == queries.Shape.Rows, $"Attention: segments of {rows} rows in all do not cover {queries}.");
    }

    private static void RequirePages(in AttentionShape shape, NativeSpan<AttentionSegment> segments, in LayerPages pages, NativeSpan<int> table)
    {
        RequirePageType(pages.Type, shape.HeadSize);
        long count = PagesIn(shape, pages);
        foreach (AttentionSegment segment in segments.AsSpan())
        {
            int needed = (segment.KeyCount + KernelSet.PageTokens - 1) / KernelSet.PageTokens;
            ShapeGuard.Require(
                segment.PageStart >= 0 && segment.PageStart <= table.Length - needed,
                $"Attention: {segment} needs {needed} entries of a page table of {table.Length}.");
            foreach (int page in table.AsSpan(segment.PageStart, needed)) RequirePage(page, count);
        }
    }

    private static void RequirePage(int page, long count) =>
        ShapeGuard.Require(page >= 0 && page < count, $"Attention: page {page} is outside a pool of {count} pages.");

    private static long PagesIn(in AttentionShape shape, in LayerPages pages)
    {
        long pageBytes = pages.Type.Bytes((long)KernelSet.PageTokens * shape.KeyWidth);
        return Math.Min(PageCount(pages.Keys, pages.PageStride, pageBytes), PageCount(pages.Values, pages.PageStride, pageBytes));
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
    private Tensor? bias;

    public void Set(
        in AttentionShape shape, NativeSpan<AttentionSegment> segments, Tensor queries, Tensor keys, Tensor values, Tensor? bias, Tensor y, Tensor logSumExp)
    {
        (this.shape, this.segments, this.queries, this.keys) = (shape, segments, queries, keys);
        (this.values, this.bias, this.y, this.logSumExp) = (values, bias, y, logSumExp);
    }

    public override void Backward(Pass pass) => pass.Kernels.AttentionBackward(
        shape, segments, queries.Floats, keys.Floats, values.Floats, y.Floats, logSumExp.Floats, pass.GradientOf(y),
        pass.GradientOrScratch(queries), pass.GradientOrScratch(keys), pass.GradientOrScratch(values), pass.GradientOf(bias));
}
