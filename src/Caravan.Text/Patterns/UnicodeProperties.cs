using System.Globalization;

namespace Caravan.Text;

/// <summary>Tests of one code point by Unicode property, as the patterns of tokenizers name them.</summary>
internal static class UnicodeProperties
{
    private static readonly Dictionary<string, int> Categories = new(StringComparer.Ordinal)
    {
        ["Lu"] = 1 << 0,
        ["Ll"] = 1 << 1,
        ["Lt"] = 1 << 2,
        ["Lm"] = 1 << 3,
        ["Lo"] = 1 << 4,
        ["L"] = 0x1F,
        ["LC"] = 7,
        ["L&"] = 7,
        ["Mn"] = 1 << 5,
        ["Mc"] = 1 << 6,
        ["Me"] = 1 << 7,
        ["M"] = 7 << 5,
        ["Nd"] = 1 << 8,
        ["Nl"] = 1 << 9,
        ["No"] = 1 << 10,
        ["N"] = 7 << 8,
        ["Zs"] = 1 << 11,
        ["Zl"] = 1 << 12,
        ["Zp"] = 1 << 13,
        ["Z"] = 7 << 11,
        ["Cc"] = 1 << 14,
        ["Cf"] = 1 << 15,
        ["Cs"] = 1 << 16,
        ["Co"] = 1 << 17,
        ["Cn"] = 1 << 29,
        ["C"] = (0xF << 14) | (1 << 29),
        ["Pc"] = 1 << 18,
        ["Pd"] = 1 << 19,
        ["Ps"] = 1 << 20,
        ["Pe"] = 1 << 21,
        ["Pi"] = 1 << 22,
        ["Pf"] = 1 << 23,
        ["Po"] = 1 << 24,
        ["P"] = 0x7F << 18,
        ["Sm"] = 1 << 25,
        ["Sc"] = 1 << 26,
        ["Sk"] = 1 << 27,
        ["So"] = 1 << 28,
        ["S"] = 0xF << 25,
        ["Letter"] = 0x1F,
        ["Mark"] = 7 << 5,
        ["Number"] = 7 << 8,
        ["Separator"] = 7 << 11,
        ["Punctuation"] = 0x7F << 18,
        ["Symbol"] = 0xF << 25,
    };

    /// <summary>Ranges of the scripts that tokenizers' patterns name (Unicode Scripts.txt); first and last code points in turn.</summary>
    private static readonly Dictionary<string, int[]> Scripts = new(StringComparer.Ordinal)
    {
        ["Han"] =
        [
            0x2E80, 0x2E99, 0x2E9B, 0x2EF3, 0x2F00, 0x2FD5, 0x3005, 0x3005, 0x3007, 0x3007, 0x3021, 0x3029, 0x3038, 0x303B, 0x3400, 0x4DBF,
            0x4E00, 0x9FFF, 0xF900, 0xFA6D, 0xFA70, 0xFAD9, 0x16FE2, 0x16FE3, 0x16FF0, 0x16FF1, 0x20000, 0x2A6DF, 0x2A700, 0x2B739,
            0x2B740, 0x2B81D, 0x2B820, 0x2CEA1, 0x2CEB0, 0x2EBE0, 0x2EBF0, 0x2EE5D, 0x2F800, 0x2FA1D, 0x30000, 0x3134A, 0x31350, 0x323AF,
        ],
        ["Hiragana"] = [0x3041, 0x3096, 0x309D, 0x309F, 0x1B001, 0x1B11F, 0x1B132, 0x1B132, 0x1B150, 0x1B152, 0x1F200, 0x1F200],
        ["Katakana"] =
        [
            0x30A1, 0x30FA, 0x30FD, 0x30FF, 0x31F0, 0x31FF, 0x32D0, 0x32FE, 0x3300, 0x3357, 0xFF66, 0xFF6F, 0xFF71, 0xFF9D,
            0x1AFF0, 0x1AFF3, 0x1AFF5, 0x1AFFB, 0x1AFFD, 0x1AFFE, 0x1B000, 0x1B000, 0x1B120, 0x1B122, 0x1B155, 0x1B155, 0x1B164, 0x1B167,
        ],
        ["Hangul"] =
        [
            0x1100, 0x11FF, 0x302E, 0x302F, 0x3131, 0x318E, 0x3200, 0x321E, 0x3260, 0x327E, 0xA960, 0xA97C, 0xAC00, 0xD7A3, 0xD7B0, 0xD7C6,
            0xD7CB, 0xD7FB, 0xFFA0, 0xFFBE, 0xFFC2, 0xFFC7, 0xFFCA, 0xFFCF, 0xFFD2, 0xFFD7, 0xFFDA, 0xFFDC,
        ],
    };

    /// <summary>Names that <see cref="Find"/> knows.</summary>
    public static IEnumerable<string> Names => Categories.Keys.Concat(Scripts.Keys);

    /// <summary>The test for a property name such as <c>L</c>, <c>Lu</c> or <c>Han</c>; null when the name is not known.</summary>
    public static Func<int, bool>? Find(string name)
    {
        string key = name.StartsWith("Is", StringComparison.Ordinal) || name.StartsWith("is", StringComparison.Ordinal) ? name[2..] : name;
        key = key is "Alphabetic" or "Alpha" ? "L" : key.StartsWith("Script=", StringComparison.Ordinal) ? key[7..] : key;
        if (Categories.TryGetValue(key, out int mask)) return codePoint => HasCategory(codePoint, mask);
        return Scripts.TryGetValue(key, out int[]? ranges) ? codePoint => InRanges(codePoint, ranges) : null;
    }

    /// <summary>Unicode's White_Space property, which <c>\s</c> and all trimming mean.</summary>
    public static bool IsWhiteSpace(int codePoint) => codePoint <= 0xFFFF && char.IsWhiteSpace((char)codePoint);

    /// <summary>Word characters: letters and what counts as alphabetic, marks, decimal digits and connector punctuation.</summary>
    public static bool IsWord(int codePoint) => HasCategory(codePoint, 0x3FF | (1 << 18)) || codePoint is >= 0x24B6 and <= 0x24E9;

    /// <summary>Any kind of number (N).</summary>
    public static bool IsNumber(int codePoint) => HasCategory(codePoint, 7 << 8);

    /// <summary>Decimal digits (Nd).</summary>
    public static bool IsDigit(int codePoint) => HasCategory(codePoint, 1 << 8);

    /// <summary>Non-spacing marks (Mn).</summary>
    public static bool IsNonSpacingMark(int codePoint) => HasCategory(codePoint, 1 << 5);

    /// <summary>Any mark (M).</summary>
    public static bool IsMark(int codePoint) => HasCategory(codePoint, 7 << 5);

    /// <summary>Control, format, private-use and unassigned code points (C).</summary>
    public static bool IsOther(int codePoint) => HasCategory(codePoint, (0xF << 14) | (1 << 29));

    /// <summary>Punctuation (P), or one of ASCII's symbols.</summary>
    public static bool IsPunctuation(int codePoint) =>
        HasCategory(codePoint, 0x7F << 18) || (codePoint is > 32 and < 127 && !char.IsAsciiLetterOrDigit((char)codePoint));

    private static bool HasCategory(int codePoint, int mask)
    {
        UnicodeCategory category = CharUnicodeInfo.GetUnicodeCategory(codePoint);
        return (mask >> (int)category & 1) != 0;
    }

    private static bool InRanges(int codePoint, int[] ranges)
    {
        for (int i = 0; i < ranges.Length; i += 2)
            if (codePoint >= ranges[i] && codePoint <= ranges[i + 1]) return true;
        return false;
    }

    /// <summary>The code point that begins at <paramref name="index"/> and its length in UTF-16 units; half a pair counts as itself.</summary>
    public static int CodePointAt(ReadOnlySpan<char> text, int index, out int length)
    {
        char first = text[index];
        if (char.IsHighSurrogate(first) && index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]))
        {
            length = 2;
            return char.ConvertToUtf32(first, text[index + 1]);
        }

        length = 1;
        return first;
    }

    /// <summary>The code point that ends before <paramref name="index"/> and its length.</summary>
    public static int CodePointBefore(ReadOnlySpan<char> text, int index, out int length)
    {
        if (index >= 2 && char.IsLowSurrogate(text[index - 1]) && char.IsHighSurrogate(text[index - 2]))
        {
            length = 2;
            return char.ConvertToUtf32(text[index - 2], text[index - 1]);
        }

        length = 1;
        return text[index - 1];
    }
}
