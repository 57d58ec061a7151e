namespace Caravan.Kernels;

/// <summary>
/// Products of interleaved weights whose codes have at most 6 bits: up to four rows of activations meet them as they are unpacked, more meet a
/// panel. The sums are the same ones in the same order.
/// </summary>
internal static unsafe class InterleavedDots512<TBlock>
    where TBlock : struct, IInterleave512
{
    public static void Multiply(in IntegerPart part, in QuantizedRows x, long start, long end, float* scratch)
    {
        switch (x.Rows)
        {
            case 1: Direct<One>(part, x, start, end, scratch); break;
            case 2: Direct<Two>(part, x, start, end, scratch); break;
            case 3 or 4: Direct<Four>(part, x, start, end, scratch); break;
            default: PanelDots512<TBlock>.Panels<InterleavedPanel<TBlock>>(part, x, start, end, scratch); break;
        }
    }

    private static void Direct<TRows>(in IntegerPart part, in QuantizedRows x, long start, long end, float* scratch)
        where TRows : struct, IRowCount
    {
        PanelScratch panel = new(scratch, x.Steps);
        for (long first = start; first < end; first += PanelScratch.Rows)
        {
            long count = Math.Min(PanelScratch.Rows, end - first);
            byte* low = part.Weights + (first * part.RowBytes), high = count > 16 ? low + (16 * part.RowBytes) : low;
            PanelAhead ahead = new(part, first + count, end, x.Columns / TBlock.GroupColumns);
            PanelDots512<TBlock>.Outside<InterleavedSource<TBlock>, TRows>(
                new InterleavedSource<TBlock>(low, high), part, x, 0, first, count, panel, ref ahead);
        }
    }
}
