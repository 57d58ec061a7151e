using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

/// <summary>Unpacks 32 rows of interleaved weights: nothing is transposed.</summary>
internal readonly unsafe struct InterleavedPanel<TBlock> : IPanelFill
    where TBlock : struct, IInterleave512
{
    private const int FourBytes = 4 * PanelScratch.Rows;

    /// <inheritdoc/>
    public static void Fill(in IntegerPart part, in QuantizedRows x, long start, long end, PanelScratch panel)
    {
        for (int first = 0; first < PanelScratch.Rows; first += InterleavedRows<TBlock>.Count)
        {
            // Rows come in sixteens: the second half of the last panel may be missing, and is then the first again.
            long row = start + first < end ? start + first : start;
            InterleavedRows<TBlock> rows = new(part.Weights + (row * part.RowBytes));
            byte* codes = panel.Codes + (first * 4);
            long groups = x.Columns / TBlock.GroupColumns;
            for (long group = 0; group < groups; group++, codes += TBlock.GroupColumns / 4 * FourBytes)
            {
                for (int i = 0; i < TBlock.GroupColumns / 8; i++)
                {
                    (Vector512<byte> one, Vector512<byte> two) = rows.Fours(group, i);
                    one.StoreAligned(codes + (i * FourBytes));
                    two.StoreAligned(codes + ((i + (TBlock.GroupColumns / 8)) * FourBytes));
                }

                Vector512<float> scales = rows.Scales(group);
                scales.StoreAligned(panel.Scales + (group * PanelScratch.Rows) + first);
                rows.Offsets(group, scales).StoreAligned(panel.Offsets + (group * PanelScratch.Rows) + first);
            }
        }
    }
}
