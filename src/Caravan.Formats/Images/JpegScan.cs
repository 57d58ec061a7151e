namespace Caravan.Formats;

/// <summary>Reads the coefficients of blocks, all at once or in the steps of a progressive picture (ITU T.81, F.2.2 and G.1.2).</summary>
/// <param name="isProgressive">Whether it is a step.</param>
/// <param name="from">First coefficient, in the order of the diagonal.</param>
/// <param name="to">Last coefficient.</param>
/// <param name="high">The bit before, or 0 for the first step.</param>
/// <param name="low">The bit that is read.</param>
/// <param name="name">Of the file, for messages.</param>
internal sealed class JpegScan(bool isProgressive, int from, int to, int high, int low, string name)
{
    /// <summary>Where the coefficients of the diagonal order lie in lines.</summary>
    internal static ReadOnlySpan<byte> Diagonal =>
    [
        0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
        35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
    ];

    /// <summary>Blocks yet to come that have no more coefficients.</summary>
    private int empty;

    /// <summary>Forgets what a restart marker ends.</summary>
    public void Restart() => empty = 0;

    /// <summary>One block.</summary>
    public void Read(ref JpegBits bits, JpegComponent component, Span<short> block)
    {
        if (from == 0) ReadFirst(ref bits, component, block);
        if (to == 0) return;
        if (high == 0) ReadOthers(ref bits, component, block);
        else Refine(ref bits, component, block);
    }

    private void ReadFirst(ref JpegBits bits, JpegComponent component, Span<short> block)
    {
        if (high > 0)
        {
            block[0] |= (short)(bits.Bit() << low);
            return;
        }

        int size = Codes(component.First).Read(ref bits, name);
        if (size > 15) throw JpegDecoder.Damaged(name, "a number is too long");
        component.Predicted += bits.Signed(size);
        block[0] = (short)(component.Predicted << low);
    }

    private void ReadOthers(ref JpegBits bits, JpegComponent component, Span<short> block)
    {
        if (empty > 0)
        {
            empty--;
            return;
        }

        for (int at = Math.Max(1, from); at <= to; at++)
        {
            int symbol = Codes(component.Others).Read(ref bits, name), zeros = symbol >> 4, size = symbol & 15;
            if (size == 0 && zeros < 15)
            {
                if (zeros > 0 && !isProgressive) throw JpegDecoder.Damaged(name, "a block ends in an unknown way");
                empty = (1 << zeros) - 1 + bits.Bits(zeros);
                return;
            }

            at += zeros;
            if (size == 0) continue;
            if (at > to) throw JpegDecoder.Damaged(name, "a block is too long");
            block[Diagonal[at]] = (short)(bits.Signed(size) << low);
        }
    }

    private void Refine(ref JpegBits bits, JpegComponent component, Span<short> block)
    {
        int at = from;
        for (; at <= to && empty == 0; at++)
        {
            int symbol = Codes(component.Others).Read(ref bits, name), zeros = symbol >> 4, size = symbol & 15;
            if (size == 0 && zeros < 15)
            {
                empty = (1 << zeros) + bits.Bits(zeros);
                break;
            }

            int value = size == 0 ? 0 : bits.Bit() == 1 ? 1 << low : -1 << low;
            for (; at <= to; at++)
            {
                ref short coefficient = ref block[Diagonal[at]];
                if (coefficient != 0) RefineOne(ref bits, ref coefficient);
                else if (--zeros < 0) break;
            }

            if (value == 0) continue;
            if (at > to) throw JpegDecoder.Damaged(name, "a block is too long");
            block[Diagonal[at]] = (short)value;
        }

        if (empty == 0) return;
        for (; at <= to; at++)
            if (block[Diagonal[at]] != 0) RefineOne(ref bits, ref block[Diagonal[at]]);
        empty--;
    }

    private void RefineOne(ref JpegBits bits, ref short coefficient)
    {
        if (bits.Bit() == 1 && (coefficient & (1 << low)) == 0) coefficient += (short)(coefficient > 0 ? 1 << low : -1 << low);
    }

    private JpegCodes Codes(JpegCodes? codes) => codes ?? throw JpegDecoder.Damaged(name, "a scan uses a code that was not given");
}
