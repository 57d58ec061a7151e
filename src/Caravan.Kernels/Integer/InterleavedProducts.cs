namespace Caravan.Kernels;

/// <summary>
/// Products of interleaved weights: up to four rows of activations meet them where they lie, more meet a panel. The sums are the same ones in
/// the same order.
/// </summary>
internal static unsafe class InterleavedProducts<TBlock>
    where TBlock : struct, IInterleave512
{
    public static void Multiply(in IntegerPart part, in QuantizedRows x, long start, long end, float* scratch)
    {
        switch (x.Rows)
        {
            case 1: Direct<One>(part, x, start, end, scratch); break;
            case 2: Direct<Two>(part, x, start, end, scratch); break;
            case 3 or 4: Direct<Four>(part, x, start, end, scratch); break;
            default: PanelProducts<TBlock>.Multiply<InterleavedPanel<TBlock>>(part, x, start, end, scratch); break;
        }
    }

    private static void Direct<TRows>(in IntegerPart part, in QuantizedRows x, long start, long end, float* scratch)
        where TRows : struct, IRowCount
    {
        const int Together = InterleavedKernel.Rows;
        PanelScratch panel = new(scratch, x.Steps);
        int tile = PanelProducts<TBlock>.Bytes ? Together : 2 * Together;
        for (long first = start; first < end; first += tile)
        {
            long count = Math.Min(tile, end - first);
            byte* low = part.Weights + (first * part.RowBytes);
            PanelAhead ahead = new(part, first + count, Math.Min(end, first + (2 * tile)), PanelProducts<TBlock>.Groups(x));
            if (PanelProducts<TBlock>.Bytes)
            {
                PanelDotsVnni<TBlock>.Outside<InterleavedRows<TBlock>, TRows>(new InterleavedRows<TBlock>(low), part, x, 0, first, count, panel, ref ahead);
                continue;
            }

            byte* high = count > Together ? low + (Together * part.RowBytes) : low;
            PanelDots512<TBlock>.Outside<InterleavedSource<TBlock>, TRows>(new InterleavedSource<TBlock>(low, high), part, x, 0, first, count, panel, ref ahead);
        }
    }
}
