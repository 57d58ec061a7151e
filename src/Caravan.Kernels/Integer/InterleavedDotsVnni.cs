namespace Caravan.Kernels;

/// <summary>
/// Products of interleaved weights whose codes have 8 bits: up to four rows of activations meet them where they lie, more meet a panel, whose
/// scales are ready. The sums are the same ones in the same order.
/// </summary>
internal static unsafe class InterleavedDotsVnni<TBlock>
    where TBlock : struct, IInterleave512
{
    public static void Multiply(in IntegerPart part, in QuantizedRows x, long start, long end, float* scratch)
    {
        switch (x.Rows)
        {
            case 1: Direct<One>(part, x, start, end, scratch); break;
            case 2: Direct<Two>(part, x, start, end, scratch); break;
            case 3 or 4: Direct<Four>(part, x, start, end, scratch); break;
            default: PanelDotsVnni<TBlock>.Panels<InterleavedPanel<TBlock>>(part, x, start, end, scratch); break;
        }
    }

    private static void Direct<TRows>(in IntegerPart part, in QuantizedRows x, long start, long end, float* scratch)
        where TRows : struct, IRowCount
    {
        const int Count = InterleavedKernel.Rows;
        PanelScratch panel = new(scratch, x.Steps);
        for (long first = start; first < end; first += Count)
        {
            InterleavedRows<TBlock> rows = new(part.Weights + (first * part.RowBytes));
            PanelAhead ahead = new(part, first + Count, Math.Min(end, first + (2 * Count)), x.Columns / TBlock.GroupColumns);
            PanelDotsVnni<TBlock>.Outside<InterleavedRows<TBlock>, TRows>(rows, part, x, 0, first, Count, panel, ref ahead);
        }
    }
}
