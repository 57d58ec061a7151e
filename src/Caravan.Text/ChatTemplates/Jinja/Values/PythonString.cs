using System.Text;

namespace Caravan.Text.Jinja;

/// <summary>Texts as Python sees them: rows of code points, with Python's idea of white space.</summary>
internal static class PythonString
{
    /// <summary>Python's <c>str.isspace</c> of one character: Unicode's white space and the four separators of ASCII.</summary>
    public static bool IsSpace(char character) => char.IsWhiteSpace(character) || character is >= '\x1c' and <= '\x1f';

    /// <summary>Number of code points.</summary>
    public static int Length(string text)
    {
        int pairs = 0;
        for (int i = 0; i + 1 < text.Length; i++)
            if (char.IsSurrogatePair(text[i], text[i + 1])) pairs++;
        return text.Length - pairs;
    }

    /// <summary>Each code point as a text.</summary>
    public static IEnumerable<string> Characters(string text)
    {
        for (int i = 0; i < text.Length; i++)
            yield return i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]) ? text.Substring(i++, 2) : text[i].ToString();
    }

    /// <summary>Code points before this place in the .NET string.</summary>
    public static int CodePointsBefore(string text, int index) => index < 0 ? index : Length(text[..index]);

    /// <summary>The place in the .NET string of a code point; its length when there are not so many.</summary>
    public static int IndexOf(string text, int codePoint)
    {
        int i = 0;
        for (; codePoint > 0 && i < text.Length; codePoint--) i += i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]) ? 2 : 1;
        return i;
    }

    /// <summary>Without white space, or without these characters, at the ends that are asked for.</summary>
    public static string Trim(string text, string? characters = null, bool start = true, bool end = true)
    {
        int from = 0, to = text.Length;
        while (start && from < to && Goes(text[from])) from++;
        while (end && from < to && Goes(text[to - 1])) to--;
        return text[from..to];

        bool Goes(char character) => characters is null ? IsSpace(character) : characters.Contains(character);
    }

    /// <summary>In capitals; also those letters that become several.</summary>
    public static string Upper(string text)
    {
        string upper = text.ToUpperInvariant();
        return upper.Contains('\u00DF') ? upper.Replace("\u00DF", "SS", StringComparison.Ordinal) : upper;
    }

    /// <summary>In small letters.</summary>
    public static string Lower(string text) => text.ToLowerInvariant();

    /// <summary>The first letter large, the others small.</summary>
    public static string Capitalize(string text)
    {
        int first = IndexOf(text, 1);
        return Title(text[..first], _ => false) + Lower(text[first..]);
    }

    /// <summary>Each letter behind one that <paramref name="starts"/> says begins a word large, the others small.</summary>
    public static string Title(string text, Func<char, bool> starts)
    {
        StringBuilder title = new(text.Length);
        bool first = true;
        foreach (char character in text)
        {
            if (first && character == '\u00DF') title.Append("Ss");
            else title.Append(first ? char.ToUpperInvariant(character) : char.ToLowerInvariant(character));
            first = starts(character);
        }

        return title.ToString();
    }

    /// <summary>Order by code points, as Python compares.</summary>
    public static int Compare(string left, string right)
    {
        int length = Math.Min(left.Length, right.Length);
        int same = left.AsSpan().CommonPrefixLength(right);
        if (same == length) return left.Length - right.Length;
        (char a, char b) = (left[same], right[same]);
        return (Rank(a) - Rank(b)) switch { var rank when rank != 0 => rank, _ => a - b };

        // Surrogates stand for code points above all others.
        static int Rank(char character) => char.IsSurrogate(character) ? 1 : 0;
    }

    /// <summary>For HTML, as markupsafe escapes.</summary>
    public static string Escape(string text) => text
        .Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal)
        .Replace("\"", "&#34;", StringComparison.Ordinal).Replace("'", "&#39;", StringComparison.Ordinal);
}
