namespace Caravan.Formats;

/// <summary>A Huffman code (ITU T.81, annex C and F.2.2.3).</summary>
internal sealed class JpegCodes
{
    private readonly int[] first = new int[17], count = new int[17], offset = new int[17];
    private readonly byte[] symbols;

    /// <summary>The code of a table.</summary>
    /// <param name="counts">How many codes of 1 to 16 bits.</param>
    /// <param name="symbols">What they stand for.</param>
    public JpegCodes(ReadOnlySpan<byte> counts, ReadOnlySpan<byte> symbols)
    {
        this.symbols = symbols.ToArray();
        int code = 0, used = 0;
        for (int bits = 1; bits <= 16; bits++)
        {
            (first[bits], count[bits], offset[bits]) = (code, counts[bits - 1], used);
            used += counts[bits - 1];
            code = (code + counts[bits - 1]) << 1;
        }
    }

    /// <summary>The next symbol.</summary>
    public int Read(ref JpegBits bits, string name)
    {
        int code = 0;
        for (int length = 1; length <= 16; length++)
        {
            code = (code << 1) | bits.Bit();
            if (code - first[length] is >= 0 and int place && place < count[length]) return symbols[offset[length] + place];
        }

        throw JpegDecoder.Damaged(name, "a code is unknown");
    }
}
