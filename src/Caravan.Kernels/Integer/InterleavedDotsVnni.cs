namespace Caravan.Kernels;

/// <summary>Products of interleaved weights whose codes have 8 bits: they are multiplied where they lie, whatever the number of activations.</summary>
internal static unsafe class InterleavedDotsVnni<TBlock>
    where TBlock : struct, IInterleave512
{
    public static void Multiply(in IntegerPart part, in QuantizedRows x, long start, long end, float* scratch)
    {
        PanelScratch panel = new(scratch, x.Steps);
        for (long first = start; first < end; first += InterleavedRows<TBlock>.Count)
        {
            InterleavedRows<TBlock> rows = new(part.Weights + (first * part.RowBytes));
            long tiles = (x.Rows + PanelScratch.TileRows - 1) / PanelScratch.TileRows;
            PanelAhead ahead = new(part, first + 16, Math.Min(end, first + 32), tiles * (x.Columns / TBlock.GroupColumns));
            for (long n = 0; n < x.Rows; n += PanelScratch.TileRows)
            {
                switch (x.Rows - n)
                {
                    case 1: PanelDotsVnni<TBlock>.Outside<InterleavedRows<TBlock>, One>(rows, part, x, n, first, 16, panel, ref ahead); break;
                    case 2: PanelDotsVnni<TBlock>.Outside<InterleavedRows<TBlock>, Two>(rows, part, x, n, first, 16, panel, ref ahead); break;
                    default: PanelDotsVnni<TBlock>.Outside<InterleavedRows<TBlock>, Four>(rows, part, x, n, first, 16, panel, ref ahead); break;
                }
            }
        }
    }
}
