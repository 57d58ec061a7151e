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
        AttentionBackwardJob job = new()
        {
            Shape = shape, Segments = segments.Pointer, Queries = queries.Pointer, Keys = keys.Pointer, Values = values.Pointer,
            Output = output.Pointer, LogSumExp = logSumExp.Pointer, GradientOutput = gradientOutput.Pointer,
            GradientQueries = gradientQueries.Pointer, GradientKeys = gradientKeys.Pointer, GradientValues = gradientValues.Pointer,
        };
        Workers.For(segments.Length * shape.KeyValueHeads, 1, job);
    }

    /// <summary>Items are (segment, key head): no two items write the same gradient.</summary>
    private struct AttentionBackwardJob : IRangeJob
    {
        public AttentionShape Shape;
        public AttentionSegment* Segments;
        public float* Queries;
        public float* Keys;
        public float* Values;
        public float* Output;
        public float* LogSumExp;
        public float* GradientOutput;
        public float* GradientQueries;
        public float* GradientKeys;
        public float* GradientValues;

        public readonly void Execute(long start, long end, float* scratch)
        {
            int group = Shape.Heads / Shape.KeyValueHeads;
            for (long item = start; item < end; item++)
            {
                AttentionSegment segment = Segments[item / Shape.KeyValueHeads];
                int keyHead = (int)(item % Shape.KeyValueHeads);
                for (int query = 0; query < segment.QueryCount; query++)
                    for (int head = keyHead * group; head < (keyHead + 1) * group; head++) AddGradients(segment, query, head, keyHead);
            }
        }

        private readonly void AddGradients(AttentionSegment segment, int query, int head, int keyHead)
        {
            int size = Shape.HeadSize;
            long row = segment.QueryStart + query, at = (row * Shape.QueryWidth) + (head * size);
            float* q = Queries + at, gradientY = GradientOutput + at, gradientQ = GradientQueries + at;
            float delta = Dot(gradientY, Output + at, size), logSum = LogSumExp[(row * Shape.Heads) + head];
            (int first, int end) = Shape.Visible(segment.KeyCount - segment.QueryCount + query, segment.KeyCount);
            for (int key = first; key < end; key++)
            {
                long offset = ((long)(segment.KeyStart + key) * Shape.KeyWidth) + (keyHead * size);
                float probability = MathF.Exp((Shape.Scale * Dot(q, Keys + offset, size)) - logSum);
                float gradientScore = Shape.Scale * probability * (Dot(gradientY, Values + offset, size) - delta);
                AddScaled(gradientQ, gradientScore, Keys + offset, size);
                AddScaled(GradientKeys + offset, gradientScore, q, size);
                AddScaled(GradientValues + offset, probability, gradientY, size);
            }
        }
    }
}
