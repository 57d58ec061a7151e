namespace Caravan.Kernels;

/// <summary>Adds the ranges of each (row, head), in order: what <see cref="AttentionJob{TLanes, TSource}"/> does itself where it has all of them.</summary>
internal unsafe struct AttentionMergeJob<TLanes, TSource> : IRangeJob
    where TLanes : unmanaged, ILanes<TLanes>
    where TSource : unmanaged, IKeySource
{
    public AttentionJob<TLanes, TSource> Parts;

    public static long ScratchFloats(int valueStride) => StreamingSoftmax<TLanes>.Floats(1, valueStride);

    public readonly void Execute(long start, long end, float* scratch)
    {
        int stride = AttentionJob<TLanes, TSource>.Padded(Parts.Shape.ValueSize), partialStride = AttentionJob<TLanes, TSource>.PartialStride(stride);
        _ = StreamingSoftmax<TLanes>.Place(scratch, 1, stride, out StreamingSoftmax<TLanes> total);
        for (long place = start; place < end; place++)
        {
            total.Clear(1);
            for (int range = 0; range < Parts.Ranges; range++)
            {
                float* partial = Parts.Partials + (((place * Parts.Ranges) + range) * partialStride);
                total.Merge(0, partial[stride], partial[stride + 1], partial);
            }

            Parts.Finish(total, 0, place);
        }
    }
}
