namespace Caravan.Kernels;

internal abstract partial class KernelSet
{
    /// <summary>
    /// Adds the gradients of attention over keys in rows. With p the softmax rebuilt from
    /// <paramref name="logSumExp"/>: dv = pᵀ·dy; ds = p·(dy·vᵀ − rowsum(dy·y)); dq = scale·ds·k; dk = scale·dsᵀ·q
    /// (Dao et al. 2022, "FlashAttention", alg. 4). The three gradients must have the shapes of queries, keys and values.
    /// </summary>
    public abstract void AttentionBackward(
        in AttentionShape shape, NativeSpan<AttentionSegment> segments, NativeSpan<float> queries, NativeSpan<float> keys, NativeSpan<float> values,
        NativeSpan<float> output, NativeSpan<float> logSumExp, NativeSpan<float> gradientOutput,
        NativeSpan<float> gradientQueries, NativeSpan<float> gradientKeys, NativeSpan<float> gradientValues);
}

internal sealed unsafe partial class KernelSet<TLanes>
{
    public override void AttentionBackward(
        in AttentionShape shape, NativeSpan<AttentionSegment> segments, NativeSpan<float> queries, NativeSpan<float> keys, NativeSpan<float> values,
        NativeSpan<float> output, NativeSpan<float> logSumExp, NativeSpan<float> gradientOutput,
        NativeSpan<float> gradientQueries, NativeSpan<float> gradientKeys, NativeSpan<float> gradientValues)
    {
        AttentionBackwardJob<TLanes> job = new()
        {
            Shape = shape, Segments = segments.Pointer, Queries = queries.Pointer, KeyRows = keys.Pointer, ValueRows = values.Pointer,
            Output = output.Pointer, LogSumExp = logSumExp.Pointer, GradientOutput = gradientOutput.Pointer,
            GradientQueries = gradientQueries.Pointer, GradientKeys = gradientKeys.Pointer, GradientValues = gradientValues.Pointer,
        };
        Workers.For(segments.Length * shape.KeyValueHeads, 1, job, job.ScratchFloats());
    }
}
