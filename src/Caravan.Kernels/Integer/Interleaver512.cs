using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

/// <summary>Moves 16 rows of weights at a time into the order of <see cref="IInterleave512"/>.</summary>
internal static unsafe class Interleaver512<TBlock>
    where TBlock : struct, IInterleave512
{
    private const int StepFours = QuantizedRows.StepColumns / 4;

    /// <summary>Sixteen rows of <paramref name="columns"/>, which fill whole steps of 256.</summary>
    /// <param name="rows">The first row, as in a file.</param>
    /// <param name="rowBytes">Bytes from one row to the next.</param>
    /// <param name="columns">Columns of a row.</param>
    /// <param name="target">16 · rowBytes bytes.</param>
    internal static void Move(byte* rows, long rowBytes, long columns, byte* target)
    {
        byte* codes = stackalloc byte[(16 * QuantizedRows.StepColumns) + 64];
        codes += -(long)codes & 63;
        uint* fours = stackalloc uint[(16 * StepFours) + 16];
        fours = (uint*)((byte*)fours + (-(long)fours & 63));
        int blockBytes = TBlock.BlockBytes * (TBlock.UnitColumns / TBlock.BlockElements);
        for (long column = 0; column < columns; column += QuantizedRows.StepColumns)
        {
            byte* blocks = rows + (column / TBlock.BlockElements * TBlock.BlockBytes);
            for (int row = 0; row < 16; row++) Panel512<TBlock>.UnpackCodes(blocks + (row * rowBytes), codes + (row * QuantizedRows.StepColumns));
            for (int four = 0; four < StepFours; four += 4)
            {
                Transposed columnsOfFour = new((uint*)codes + four, StepFours);
                columnsOfFour.First.StoreAligned(fours + (four * 16));
                columnsOfFour.Second.StoreAligned(fours + (four * 16) + 16);
                columnsOfFour.Third.StoreAligned(fours + (four * 16) + 32);
                columnsOfFour.Fourth.StoreAligned(fours + (four * 16) + 48);
            }

            byte* group = (byte*)fours;
            for (int unit = 0; unit < QuantizedRows.StepColumns / TBlock.UnitColumns; unit++, blocks += blockBytes)
            {
                for (int i = 0; i < InterleavedRows<TBlock>.UnitGroups; i++, group += 16 * TBlock.GroupColumns) Pack(group, target + (i * TBlock.GroupBytes));
                TBlock.InterleaveScales(blocks, rowBytes, target + (InterleavedRows<TBlock>.UnitGroups * TBlock.GroupBytes));
                target += InterleavedRows<TBlock>.UnitBytes;
            }
        }
    }

    /// <summary>The codes of a group, a register for each four, into as many bits as they need.</summary>
    private static void Pack(byte* fours, byte* target)
    {
        int half = TBlock.GroupColumns / 8;
        if (TBlock.CodeBits == 8)
        {
            for (int i = 0; i < 2 * half; i++) Vector512.Load(fours + (i * 64)).Store(target + (i * 64));
            return;
        }

        Vector512<byte> lower = Vector512.Create((byte)15), upper = default;
        for (int i = 0; i < half; i++)
        {
            Vector512<byte> first = Vector512.Load(fours + (i * 64)), second = Vector512.Load(fours + ((i + half) * 64));
            ((first & lower) | ((second & lower).AsUInt16() << 4).AsByte()).Store(target + (i * 64));
            upper |= ((first >> 4).AsUInt16() << (2 * i)).AsByte() | ((second >> 4).AsUInt16() << (4 + (2 * i))).AsByte();
        }

        if (TBlock.CodeBits > 4) upper.Store(target + (half * 64));
    }
}
