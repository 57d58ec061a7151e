using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Caravan.Kernels;

/// <summary>Unpacks 32 rows of weights as they lie in a file.</summary>
internal readonly unsafe struct Panel512<TBlock> : IPanelFill
    where TBlock : struct, IUnpack512
{
    /// <summary>Bytes ahead in every row that are asked for: there are too many rows for the processor to follow.</summary>
    private const int PrefetchDistance = 512;

    private static int StepBytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => QuantizedRows.StepColumns / TBlock.BlockElements * TBlock.BlockBytes;
    }

    private static bool Signed
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TBlock.CodeBits == 8;
    }

    private static int GroupsPerStep
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => QuantizedRows.StepColumns / TBlock.GroupColumns;
    }

    /// <inheritdoc/>
    public static void Fill(in IntegerPart part, in QuantizedRows x, long start, long end, PanelScratch panel)
    {
        // Steps outside, rows inside: what is written at a time fits the first-level cache.
        long whole = x.Columns / QuantizedRows.StepColumns;
        for (long step = 0; step < x.Steps; step++)
        {
            for (int first = 0; first < PanelScratch.Rows; first += Transposed.Rows)
            {
                for (int row = 0; row < Transposed.Rows; row++)
                {
                    long at = start + first + row;
                    byte* blocks = part.Weights + (at * part.RowBytes) + (step * StepBytes);
                    bool exists = at < end, padded = !exists || step == whole;
                    if (padded) PaddedStep.Copy(blocks, exists ? part.Weights + ((at + 1) * part.RowBytes) : blocks, StepBytes, panel.Step);
                    else Sse.Prefetch0(blocks + PrefetchDistance);
                    Unpack(padded ? panel.Step : blocks, row, panel);
                }

                Spread(step, first, panel);
            }
        }
    }

    /// <summary>One step of one row into the rows to be transposed.</summary>
    private static void Unpack(byte* blocks, int row, PanelScratch panel)
    {
        Vector512<float> scales = TBlock.Scales512(blocks);
        scales.StoreAligned(panel.RowScales + (row * 16));
        (Signed ? scales * -128 : TBlock.Offsets512(blocks, scales)).StoreAligned(panel.RowOffsets + (row * 16));
        UnpackCodes(blocks, panel.RowCodes + (row * QuantizedRows.StepColumns));
    }

    /// <summary>The codes of one step of one row, 8-bit ones with their sign bit flipped.</summary>
    internal static void UnpackCodes(byte* blocks, byte* codes)
    {
        for (int quarter = 0; quarter < 4; quarter++)
        {
            Vector512<byte> four = TBlock.Codes512(blocks, quarter);
            (Signed ? four ^ Vector512.Create((byte)0x80) : four).StoreAligned(codes + (quarter * 64));
        }
    }

    /// <summary>Sixteen unpacked rows to their places in the panel.</summary>
    private static void Spread(long step, int first, PanelScratch panel)
    {
        const int Rows = PanelScratch.Rows;
        uint* codes = (uint*)panel.Codes + (step * (QuantizedRows.StepColumns / 4) * Rows) + first;
        for (int four = 0; four < QuantizedRows.StepColumns / 4; four += 4)
        {
            Transposed columns = new((uint*)panel.RowCodes + four, QuantizedRows.StepColumns / 4);
            columns.First.StoreAligned(codes);
            columns.Second.StoreAligned(codes + Rows);
            columns.Third.StoreAligned(codes + (2 * Rows));
            columns.Fourth.StoreAligned(codes + (3 * Rows));
            codes += 4 * Rows;
        }

        long at = (step * GroupsPerStep * Rows) + first;
        SpreadGroups(panel.RowScales, panel.Scales + at);
        SpreadGroups(panel.RowOffsets, panel.Offsets + at);
    }

    private static void SpreadGroups(float* rows, float* target)
    {
        const int Rows = PanelScratch.Rows;
        for (int four = 0; four < 16; four += 4)
        {
            Transposed columns = new((uint*)rows + four, 16);
            columns.First.StoreAligned((uint*)target);
            if (GroupsPerStep == 16) columns.Second.StoreAligned((uint*)(target += Rows));
            columns.Third.StoreAligned((uint*)(target += Rows));
            if (GroupsPerStep == 16) columns.Fourth.StoreAligned((uint*)(target += Rows));
            target += Rows;
        }
    }
}
