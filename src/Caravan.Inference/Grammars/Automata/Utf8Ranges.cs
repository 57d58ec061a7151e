using System.Text;

namespace Caravan.Inference;

/// <summary>Ranges of characters as sequences of byte ranges: one of which a character's UTF-8 bytes fall into, byte by byte.</summary>
internal static class Utf8Ranges
{
    /// <summary>The last characters of one, two and three bytes.</summary>
    private static readonly int[] LastOfLength = [0x7F, 0x7FF, 0xFFFF];

    /// <summary>The sequences for a set.</summary>
    public static List<(byte First, byte Last)[]> Of(CodePointSet set)
    {
        List<(byte, byte)[]> sequences = [];
        foreach ((int first, int last) in set.Ranges) Add(first, last, sequences);
        return sequences;
    }

    private static void Add(int first, int last, List<(byte First, byte Last)[]> sequences)
    {
        foreach (int end in LastOfLength)
        {
            if (first > end || last <= end) continue;
            Add(first, end, sequences);
            Add(end + 1, last, sequences);
            return;
        }

        // Where a leading byte differs, the bytes behind it must run through all of 80 to BF.
        for (int bits = 6; bits <= 18 && last > 0x7F; bits += 6)
        {
            int low = (1 << bits) - 1;
            if ((first & ~low) == (last & ~low)) break;
            int cut = (first & low) != 0 ? (first | low) + 1 : (last & low) != low ? last & ~low : 0;
            if (cut == 0) continue;
            Add(first, cut - 1, sequences);
            Add(cut, last, sequences);
            return;
        }

        Span<byte> from = stackalloc byte[4], to = stackalloc byte[4];
        int length = new Rune(first).EncodeToUtf8(from);
        new Rune(last).EncodeToUtf8(to);
        (byte, byte)[] sequence = new (byte, byte)[length];
        for (int i = 0; i < length; i++) sequence[i] = (from[i], to[i]);
        sequences.Add(sequence);
    }
}
