using System.Text;

namespace Caravan.Text;

/// <summary>A set of Unicode code points, given by a test whose answers are remembered in pages of 256 per plane of 65536.</summary>
internal sealed class CharacterSet(Func<int, bool> test)
{
    private readonly ulong[]?[]?[] planes = new ulong[]?[]?[17];

    /// <summary>The set of one code point.</summary>
    public static CharacterSet Of(int codePoint) => new(other => other == codePoint);

    /// <summary>Whether the code point is in the set.</summary>
    public bool Contains(int codePoint)
    {
        ulong[] page = planes[codePoint >> 16]?[codePoint >> 8 & 255] ?? Fill(codePoint >> 8);
        return (page[(codePoint >> 6) & 3] >> (codePoint & 63) & 1) != 0;
    }

    /// <summary>The test itself, for sets built from this one.</summary>
    public bool Test(int codePoint) => test(codePoint);

    /// <summary>The same set whatever the letters' case.</summary>
    public CharacterSet IgnoringCase() => new(codePoint =>
    {
        if (test(codePoint)) return true;
        // The long s and the Kelvin sign fold to s and k though no simple lower-case mapping of those leads back.
        if (codePoint == 0x17F) return test('s') || test('S');
        if (codePoint == 0x212A) return test('k') || test('K');
        return Rune.TryCreate(codePoint, out Rune rune)
            && (test(Rune.ToLowerInvariant(rune).Value) || test(Rune.ToUpperInvariant(rune).Value));
    });

    /// <summary>All code points that are not in the set.</summary>
    public CharacterSet Complement() => new(codePoint => !test(codePoint));

    /// <summary>The code points that are in both sets.</summary>
    public CharacterSet Intersect(CharacterSet other) => new(codePoint => test(codePoint) && other.Test(codePoint));

    private ulong[] Fill(int index)
    {
        ulong[] page = new ulong[4];
        for (int i = 0; i < 256; i++)
            if (test((index << 8) | i)) page[i >> 6] |= 1UL << (i & 63);
        // Two threads may compute a page at once; both store the same bits.
        ulong[]?[] plane = planes[index >> 8] ?? Interlocked.CompareExchange(ref planes[index >> 8], new ulong[]?[256], null) ?? planes[index >> 8]!;
        Volatile.Write(ref plane[index & 255], page);
        return page;
    }
}
