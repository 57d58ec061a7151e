using System.Runtime.CompilerServices;

namespace Caravan.Kernels;

/// <summary>
/// Products for many rows of activations, panel by panel: 32 rows of weights are unpacked once and meet all rows of activations, four at a time,
/// in the tiles of <see cref="PanelDots512{TBlock}"/> or, for codes of 8 bits, <see cref="PanelDotsVnni{TBlock}"/>.
/// </summary>
internal static unsafe class PanelProducts<TBlock>
    where TBlock : struct, IUnpack512
{
    /// <summary>Whether codes need AVX-VNNI, whose tiles are half as wide as a panel.</summary>
    internal static bool Bytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TBlock.CodeBits == 8;
    }

    /// <summary>Weights as they lie in a file.</summary>
    public static void Multiply(in IntegerPart part, in QuantizedRows x, long start, long end, float* scratch) =>
        Multiply<Panel512<TBlock>>(part, x, start, end, scratch);

    /// <summary>Weights in an order that <typeparamref name="TFill"/> knows.</summary>
    internal static void Multiply<TFill>(in IntegerPart part, in QuantizedRows x, long start, long end, float* scratch)
        where TFill : struct, IPanelFill
    {
        PanelScratch panel = new(scratch, x.Steps);
        long tiles = (x.Rows + PanelScratch.TileRows - 1) / PanelScratch.TileRows * (Bytes ? 2 : 1);
        for (long first = start; first < end; first += PanelScratch.Rows)
        {
            long count = Math.Min(PanelScratch.Rows, end - first);
            PanelAhead ahead = new(part, first + count, end, Groups(x) * tiles);
            TFill.Fill(part, x, first, first + count, panel);
            for (long n = 0; n < x.Rows; n += PanelScratch.TileRows)
            {
                if (!Bytes) PanelDots512<TBlock>.Outside<PanelSource<TBlock>, Four>(new PanelSource<TBlock>(panel), part, x, n, first, count, panel, ref ahead);
                for (int half = 0; Bytes && half < count; half += 16)
                {
                    PanelDotsVnni<TBlock>.Outside<PanelBytes<TBlock>, Four>(
                        new PanelBytes<TBlock>(panel, half), part, x, n, first + half, count - half, panel, ref ahead);
                }
            }
        }
    }

    /// <summary>Groups of columns that share scales.</summary>
    internal static long Groups(in QuantizedRows x) => x.Steps * QuantizedRows.StepColumns / TBlock.GroupColumns;
}
