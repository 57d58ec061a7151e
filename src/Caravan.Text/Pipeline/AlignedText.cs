namespace Caravan.Text;

/// <summary>
/// A text under normalisation together with, for every UTF-16 unit, the range of the original text it came from.
/// Unpaired surrogates of the input are replaced by U+FFFD, as every UTF-8 encoder does.
/// </summary>
internal sealed class AlignedText
{
    private char[] chars = new char[64];
    private int[] starts = [];
    private int[] ends = [];
    private bool aligned;
    private int origin;
    private char[] nextChars = [];
    private int[] nextStarts = [];
    private int[] nextEnds = [];
    private int nextLength;

    /// <summary>The number of UTF-16 units.</summary>
    public int Length { get; private set; }

    /// <summary>The text as it is now.</summary>
    public ReadOnlySpan<char> Span => chars.AsSpan(0, Length);

    /// <summary>One unit.</summary>
    public char this[int index] => chars[index];

    /// <summary>Takes a piece of the original text that begins at <paramref name="start"/> there.</summary>
    public void Load(ReadOnlySpan<char> text, int start)
    {
        if (chars.Length < text.Length) chars = new char[Math.Max(text.Length, chars.Length * 2)];
        text.CopyTo(chars);
        (Length, origin, aligned) = (text.Length, start, false);
        for (int i = text.IndexOfAnyInRange('\uD800', '\uDFFF'); i >= 0 && i < Length; i++)
        {
            if (!char.IsSurrogate(chars[i])) continue;
            if (char.IsHighSurrogate(chars[i]) && i + 1 < Length && char.IsLowSurrogate(chars[i + 1])) i++;
            else chars[i] = '\uFFFD';
        }
    }

    /// <summary>Where in the original text the unit's source begins.</summary>
    public int OriginalStart(int index) => aligned ? starts[index] : origin + index;

    /// <summary>Where in the original text the unit's source ends.</summary>
    public int OriginalEnd(int index) => aligned ? ends[index] : origin + index + 1;

    /// <summary>Starts a new version of the text, to be written by <see cref="Put(char, int, int)"/>.</summary>
    public void Begin()
    {
        nextLength = 0;
        if (nextChars.Length < Length) Grow(Length);
    }

    /// <summary>The number of units written since <see cref="Begin"/>.</summary>
    public int Written => nextLength;

    /// <summary>Writes a unit that stands for the units [<paramref name="from"/>, <paramref name="to"/>) of the present version.</summary>
    public void Put(char unit, int from, int to)
    {
        if (nextLength == nextChars.Length) Grow(nextLength + 1);
        nextChars[nextLength] = unit;
        bool nothing = Length == 0;
        nextStarts[nextLength] = nothing ? origin : OriginalStart(Math.Min(from, Length - 1));
        nextEnds[nextLength++] = nothing ? origin : OriginalEnd(Math.Clamp(to - 1, 0, Length - 1));
    }

    /// <summary>Writes several units, all standing for [<paramref name="from"/>, <paramref name="to"/>).</summary>
    public void Put(ReadOnlySpan<char> units, int from, int to)
    {
        foreach (char unit in units) Put(unit, from, to);
    }

    /// <summary>Writes one code point.</summary>
    public void PutCodePoint(int codePoint, int from, int to)
    {
        if (codePoint < 0x10000)
        {
            Put((char)codePoint, from, to);
            return;
        }

        Put((char)(0xD7C0 + (codePoint >> 10)), from, to);
        Put((char)(0xDC00 | (codePoint & 0x3FF)), from, to);
    }

    /// <summary>Makes what was written the text.</summary>
    public void End()
    {
        (chars, nextChars) = (nextChars, chars);
        (starts, nextStarts) = (nextStarts, starts);
        (ends, nextEnds) = (nextEnds, ends);
        (Length, aligned) = (nextLength, true);
        // Only the buffers in use have alignments; the spare ones may still be shorter than their characters.
        int spare = Math.Min(nextChars.Length, Math.Min(nextStarts.Length, nextEnds.Length));
        if (nextChars.Length > spare) nextChars = new char[spare];
    }

    private void Grow(int length)
    {
        int size = Math.Max(Math.Max(64, length), Math.Min(nextChars.Length * 2, Array.MaxLength));
        Array.Resize(ref nextChars, size);
        Array.Resize(ref nextStarts, size);
        Array.Resize(ref nextEnds, size);
    }
}
