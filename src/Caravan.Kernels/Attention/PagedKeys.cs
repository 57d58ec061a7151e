namespace Caravan.Kernels;

/// <summary>Keys and values in pages, found through the page table.</summary>
internal unsafe struct PagedKeys<TLanes, TFormat> : IKeySource
    where TLanes : unmanaged, ILanes<TLanes>
    where TFormat : struct, IPageFormat
{
    public byte* Keys;
    public byte* Values;
    public int* PageTable;
    public long PageStride;
    public int HeadSize;

    public readonly void Load(in AttentionSegment segment, int first, int count, int head, in AttentionTile tile)
    {
        const int PageTokens = KernelSet.PageTokens;
        int* page = PageTable + segment.PageStart + (first / PageTokens);
        int* last = PageTable + segment.PageStart + ((segment.KeyCount - 1) / PageTokens);
        long rowBytes = TFormat.DType.Bytes(HeadSize), headBytes = PageTokens * rowBytes;
        for (int start = 0; start < count; start += PageTokens, page++)
        {
            // The page that the next tile has in this place: far enough ahead to have arrived when it is needed.
            int* later = page + (AttentionTile.Keys / PageTokens) <= last ? page + (AttentionTile.Keys / PageTokens) : page;
            long here = (*page * PageStride) + (head * headBytes), next = (*later * PageStride) + (head * headBytes);
            TFormat.LoadKeys<TLanes>(Keys + here, Keys + next, HeadSize, tile.TurnedKeys + start, AttentionTile.Keys);
            int tokens = Math.Min(PageTokens, count - start);
            for (int i = 0; i < tokens; i++)
            {
                TFormat.LoadValue<TLanes>(
                    Values + here + (i * rowBytes), Values + next + (i * rowBytes), HeadSize, tile.Values + ((long)(start + i) * tile.ValueStride));
            }
        }
    }
}
