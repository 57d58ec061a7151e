using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Caravan.Kernels;

/// <summary>Unpacks 32 rows of weights for <see cref="PanelDots512{TBlock}"/> and <see cref="PanelDotsVnni{TBlock}"/>.</summary>
internal static unsafe class Panel512<TBlock>
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

    /// <summary>Fills the panel with rows from start to end, at most 32; what is missing becomes zero.</summary>
    public static void Fill(in IntegerPart part, in QuantizedRows x, long start, long end, PanelScratch panel)
    {
        // Steps outside, rows inside: what is written at a time fits the first-level cache.
        long whole = x.Columns / QuantizedRows.StepColumns;
        for (long step = 0; step < x.Steps; step++)
        {
            byte* blocks = part.Weights + (start * part.RowBytes) + (step * StepBytes), rowEnd = part.Weights + ((start + 1) * part.RowBytes);
            for (int row = 0; row < PanelScratch.Rows; row++, blocks += part.RowBytes, rowEnd += part.RowBytes)
            {
                bool exists = start + row < end, padded = !exists || step == whole;
                if (padded) PaddedStep.Copy(blocks, exists ? rowEnd : blocks, StepBytes, panel.Step);
                else Sse.Prefetch0(blocks + PrefetchDistance);
                Spread(padded ? panel.Step : blocks, step, row, panel);
            }
        }
    }

    private static void Spread(byte* blocks, long step, int row, PanelScratch panel)
    {
        const int Rows = PanelScratch.Rows;
        Vector512<float> scales = TBlock.Scales512(blocks);
        Vector512<float> offsets = Signed ? scales * -128 : TBlock.Offsets512(blocks, scales);
        float* scale = panel.Scales + (step * GroupsPerStep * Rows) + row, offset = panel.Offsets + (step * GroupsPerStep * Rows) + row;
        float* lanes = stackalloc float[2 * 16];
        scales.Store(lanes);
        offsets.Store(lanes + 16);
        for (int group = 0; group < GroupsPerStep; group++)
        {
            scale[group * Rows] = lanes[group * TBlock.GroupColumns / 16];
            offset[group * Rows] = lanes[16 + (group * TBlock.GroupColumns / 16)];
        }

        uint* target = (uint*)panel.Codes + (step * (QuantizedRows.StepColumns / 4) * Rows) + row;
        uint* four = stackalloc uint[16];
        for (int quarter = 0; quarter < 4; quarter++)
        {
            Vector512<byte> codes = TBlock.Codes512(blocks, quarter);
            if (Signed) codes ^= Vector512.Create((byte)0x80);
            codes.AsUInt32().Store(four);
            for (int i = 0; i < 16; i++, target += Rows) *target = four[i];
        }
    }
}
