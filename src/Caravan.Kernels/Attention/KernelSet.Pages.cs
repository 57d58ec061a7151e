namespace Caravan.Kernels;

internal abstract partial class KernelSet
{
    /// <summary>
    /// Puts new keys and values in their places in the pages, rounded as these keep them: row i goes to token positions[i] % PageTokens of page
    /// rowPages[i].
    /// </summary>
    /// <param name="shape">Heads and their sizes.</param>
    /// <param name="keys">[rows, keyValueHeads, headSize].</param>
    /// <param name="values">[rows, keyValueHeads, headSize].</param>
    /// <param name="rowPages">[rows]</param>
    /// <param name="positions">[rows]</param>
    /// <param name="pages">The pages of this layer.</param>
    public abstract void StoreRows(
        in AttentionShape shape, NativeSpan<float> keys, NativeSpan<float> values, NativeSpan<int> rowPages, NativeSpan<int> positions, in LayerPages pages);
}

internal sealed unsafe partial class KernelSet<TLanes>
{
    public override void StoreRows(
        in AttentionShape shape, NativeSpan<float> keys, NativeSpan<float> values, NativeSpan<int> rowPages, NativeSpan<int> positions, in LayerPages pages)
    {
        switch (pages.Type)
        {
            case DType.F32: Store<F32Page>(shape, keys, values, rowPages, positions, pages); break;
            case DType.F16: Store<F16Page>(shape, keys, values, rowPages, positions, pages); break;
            case DType.Q8_0: Store<Q8_0Page>(shape, keys, values, rowPages, positions, pages); break;
            case DType.Q4_0: Store<Q4_0Page>(shape, keys, values, rowPages, positions, pages); break;
            default: throw LayerPages.Unknown(pages.Type);
        }
    }

    private void Store<TFormat>(
        in AttentionShape shape, NativeSpan<float> keys, NativeSpan<float> values, NativeSpan<int> rowPages, NativeSpan<int> positions, in LayerPages pages)
        where TFormat : struct, IPageFormat
    {
        StoreJob<TFormat> job = new()
        {
            Heads = shape.KeyValueHeads, HeadSize = shape.HeadSize, Keys = keys.Pointer, Values = values.Pointer, RowPages = rowPages.Pointer,
            Positions = positions.Pointer, KeyPages = pages.Keys.Pointer, ValuePages = pages.Values.Pointer, PageStride = pages.PageStride,
        };
        Workers.For(rowPages.Length, RowGrain(2L * shape.KeyWidth), job);
    }

    /// <summary>Items are rows: no two write the same bytes.</summary>
    private struct StoreJob<TFormat> : IRangeJob
        where TFormat : struct, IPageFormat
    {
        public int Heads;
        public int HeadSize;
        public float* Keys;
        public float* Values;
        public int* RowPages;
        public int* Positions;
        public byte* KeyPages;
        public byte* ValuePages;
        public long PageStride;

        public readonly void Execute(long start, long end, float* scratch)
        {
            long rowBytes = TFormat.DType.Bytes(HeadSize), headBytes = PageTokens * rowBytes;
            for (long row = start; row < end; row++)
            {
                int token = Positions[row] % PageTokens;
                for (int head = 0; head < Heads; head++)
                {
                    long from = ((row * Heads) + head) * HeadSize, to = (RowPages[row] * PageStride) + (head * headBytes);
                    TFormat.StoreKey(Keys + from, HeadSize, KeyPages + to, token);
                    TFormat.StoreValue(Values + from, HeadSize, ValuePages + to + (token * rowBytes));
                }
            }
        }
    }
}
