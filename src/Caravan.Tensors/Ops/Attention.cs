using Caravan.Kernels;

namespace Caravan.Tensors.Ops;

/// <summary>Scaled dot-product attention over the sequences of a batch (Vaswani et al. 2017, eq. 1), heads sharing keys in groups.</summary>
public static class Attention
{
    /// <summary>y = softmax(scale · q·kᵀ) · v over the keys that each query sees. The keys are those of this batch alone.</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="shape">Heads, scale and visibility.</param>
    /// <param name="segments">The rows of each sequence; no page table.</param>
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
        Tensor y = pass.Result(queries.Shape, queries, keys, values);
        Tensor? logSumExp = y.RequiresGradient ? pass.Workspace.Rent(new Shape(queries.Shape.Rows, shape.Heads)) : null;
        pass.Kernels.Attention(
            shape, segments, queries.Floats, keys.Floats, values.Floats, (long)KernelSet.PageTokens * shape.KeyWidth, default, y.Floats,
            logSumExp is null ? default : logSumExp.Floats);
        if (y.RequiresGradient) pass.Tape!.Record<AttentionStep>().Set(shape, segments, queries, keys, values, y, logSumExp!);
        return y;
    }

    /// <summary>
    /// The same over keys and values kept in pages: this batch's own are put there first, then its queries see everything their sequences have.
    /// For inference: nothing is recorded.
    /// </summary>
    /// <param name="pass">The pass in progress; without a tape.</param>
    /// <param name="shape">Heads, scale and visibility.</param>
    /// <param name="segments">The rows of each sequence and its place in the page table.</param>
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
        if (pass.Tape is not null) throw new InvalidOperationException("Paged attention keeps nothing for a backward pass; train without pages.");
        pass.Kernels.StoreRows(keys.Floats, map.RowPages, map.Positions, pages.PageStride, pages.Keys);
        pass.Kernels.StoreRows(values.Floats, map.RowPages, map.Positions, pages.PageStride, pages.Values);
        Tensor y = pass.Result(queries.Shape, queries);
        pass.Kernels.Attention(shape, segments, queries.Floats, pages.Keys, pages.Values, pages.PageStride, map.Table, y.Floats, default);
        return y;
    }

    private static void RequireWidths(in AttentionShape shape, Tensor queries, Tensor keys, Tensor values)
    {
        ShapeGuard.Require(queries.Shape.Columns == shape.QueryWidth, $"Attention: {queries} is not {shape.Heads} heads of {shape.HeadSize}.");
        ShapeGuard.Require(
            keys.Shape.Columns == shape.KeyWidth && values.Shape == keys.Shape && keys.Shape.Rows == queries.Shape.Rows,
            $"Attention: keys {keys} and values {values} do not fit {queries} with {shape.KeyValueHeads} key heads of {shape.HeadSize}.");
    }
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
