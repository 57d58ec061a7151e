namespace Caravan.Training;

/// <summary>Tells writing systems apart by the ranges of their letters (Unicode's blocks).</summary>
internal static class WritingSystem
{
    private static readonly (int First, int Last, string Name)[] Ranges =
    [
        (0x41, 0x24F, "Latin"), (0x370, 0x3FF, "Greek"), (0x400, 0x52F, "Cyrillic"), (0x530, 0x58F, "Armenian"), (0x590, 0x5FF, "Hebrew"),
        (0x600, 0x77F, "Arabic"), (0x8A0, 0x8FF, "Arabic"), (0x900, 0x97F, "Devanagari"), (0x980, 0x9FF, "Bengali"), (0xA00, 0xA7F, "Gurmukhi"),
        (0xA80, 0xAFF, "Gujarati"), (0xB80, 0xBFF, "Tamil"), (0xC00, 0xC7F, "Telugu"), (0xC80, 0xCFF, "Kannada"), (0xD00, 0xD7F, "Malayalam"),
        (0xE00, 0xE7F, "Thai"), (0xE80, 0xEFF, "Lao"), (0x1000, 0x109F, "Burmese"), (0x10A0, 0x10FF, "Georgian"), (0x1100, 0x11FF, "Hangul"),
        (0x1200, 0x139F, "Ethiopic"), (0x1780, 0x17FF, "Khmer"), (0x1E00, 0x1EFF, "Latin"), (0x1F00, 0x1FFF, "Greek"), (0x3040, 0x309F, "Kana"),
        (0x30A0, 0x30FF, "Kana"), (0x3100, 0x312F, "Bopomofo"), (0x3130, 0x318F, "Hangul"), (0x3400, 0x4DBF, "Han"), (0x4E00, 0x9FFF, "Han"),
        (0xAC00, 0xD7AF, "Hangul"), (0xF900, 0xFAFF, "Han"), (0xFB50, 0xFDFF, "Arabic"), (0xFE70, 0xFEFF, "Arabic"), (0xFF21, 0xFF5A, "Latin"),
        (0xFF66, 0xFF9D, "Kana"), (0x20000, 0x323AF, "Han"),
    ];

    /// <summary>The writing system of a letter; <c>other</c> for those not told apart.</summary>
    public static string Of(int letter)
    {
        int low = 0, high = Ranges.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            if (letter < Ranges[middle].First) high = middle - 1;
            else if (letter > Ranges[middle].Last) low = middle + 1;
            else return Ranges[middle].Name;
        }

        return "other";
    }

    /// <summary>Whether words are written without blanks between them, so that each letter is taken for a word.</summary>
    public static bool HasNoBlanks(int letter) => letter >= 0xE00 && Of(letter) is "Han" or "Kana" or "Thai" or "Lao" or "Khmer" or "Burmese";
}
