namespace Caravan.Kernels;

internal abstract partial class KernelSet
{
    /// <summary>
    /// Adds the gradients of attention over keys in rows. With p the softmax rebuilt from
    /// <paramref name="logSumExp"/>: dv = pᵀ·dy; ds = p·(dy·vᵀ − rowsum(dy·y)); dq = scale·ds·k; dk = scale·dsᵀ·q
    /// (Dao et al. 2022, "FlashAttention", alg. 4); for a bias the sum of scale·ds over the pairs it is added to. The first three gradients must
    /// have the shapes of queries, keys and values, the last that of the table of biases; it may be empty.
    /// </summary>
    public abstract void AttentionBackward(
        in AttentionShape shape, NativeSpan<AttentionSegment> segments, NativeSpan<float> queries, NativeSpan<float> keys, NativeSpan<float> values,
        NativeSpan<float> output, NativeSpan<float> logSumExp, NativeSpan<float> gradientOutput,
        NativeSpan<float> gradientQueries, NativeSpan<float> gradientKeys, NativeSpan<float> gradientValues, NativeSpan<float> gradientBias);
}

internal sealed unsafe partial class KernelSet<TLanes>
{
    public override void AttentionBackward(
        in AttentionShape shape, NativeSpan<AttentionSegment> segments, NativeSpan<float> queries, NativeSpan<float> keys, NativeSpan<float> values,
        NativeSpan<float> output, NativeSpan<float> logSumExp, NativeSpan<float> gradientOutput,
        NativeSpan<float> gradientQueries, NativeSpan<float> gradientKeys, NativeSpan<float> gradientValues, NativeSpan<float> gradientBias)
    {
        AttentionBackwardJob<TLanes> job = new()
        {
            Shape = shape, Segments = segments.Pointer, Queries = queries.Pointer, KeyRows = keys.Pointer, ValueRows = values.Pointer,
            Output = output.Pointer, LogSumExp = logSumExp.Pointer, GradientOutput = gradientOutput.Pointer,
            GradientQueries = gradientQueries.Pointer, GradientKeys = gradientKeys.Pointer, GradientValues = gradientValues.Pointer,
            GradientBias = gradientBias.Length == 0 ? null : gradientBias.Pointer, SegmentCount = (int)segments.Length,
        };
        Workers.For(job.Items, 1, job, job.ScratchFloats());
    }
}
