using System.Text;

namespace Caravan.Text;

/// <summary>Walks over a segment by UTF-8 bytes and says which UTF-16 units they are in.</summary>
internal ref struct ByteCursor(AlignedText text, int start, int end)
{
    private int unit = start;
    private int taken;

    /// <summary>The units that the next <paramref name="bytes"/> bytes touch, whole characters only.</summary>
    public (int From, int To) Advance(int bytes)
    {
        int from = unit, to = unit;
        while (bytes > 0 && unit < end)
        {
            int codePoint = UnicodeProperties.CodePointAt(text.Span[..end], unit, out int length);
            int size = new Rune(codePoint).Utf8SequenceLength;
            to = unit + length;
            int step = Math.Min(bytes, size - taken);
            bytes -= step;
            taken += step;
            if (taken < size) break;
            taken = 0;
            unit += length;
        }

        return (from, to);
    }
}
