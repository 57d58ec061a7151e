using System.Globalization;

namespace Caravan.Text;

/// <summary>Parses a bracketed class such as <c>[^\s\p{L}]</c> and the escapes that stand for sets.</summary>
internal sealed class PatternClassParser
{
    private const int MaximumDepth = 50;
    private readonly string pattern;
    private int position;

    /// <summary>Reads the class whose opening bracket was just before <paramref name="start"/>.</summary>
    public PatternClassParser(string pattern, int start, out int end)
    {
        this.pattern = pattern;
        position = start;
        Set = Class(0);
        end = position;
    }

    /// <summary>The set that the class describes.</summary>
    public CharacterSet Set { get; }

    private static CaravanException Fail(string pattern, int position, string found) =>
        new($"The pattern '{(pattern.Length > 200 ? pattern[..200] + "..." : pattern)}' has {found} at character {position}; "
            + "write classes as [...] with ranges, escapes and \\p{...} properties.");

    private CharacterSet Class(int depth)
    {
        if (depth > MaximumDepth) throw Fail(pattern, position, $"classes nested deeper than {MaximumDepth}");
        bool negative = Take("^");
        CharacterSet? intersected = null;
        List<(int First, int Last)> ranges = [];
        List<CharacterSet> sets = [];
        int start = position;
        while (true)
        {
            if (position >= pattern.Length) throw Fail(pattern, position, "a class that is not closed");
            if (pattern[position] == ']' && position > start)
            {
                position++;
                break;
            }

            if (Take("&&"))
            {
                intersected = Combine(ranges, sets, intersected);
                (ranges, sets) = ([], []);
            }
            else if (Take("[:")) sets.Add(Posix());
            else if (Take("[")) sets.Add(Class(depth + 1));
            else Item(ranges, sets);
        }

        CharacterSet result = Combine(ranges, sets, intersected);
        return negative ? result.Complement() : result;
    }

    private static CharacterSet Combine(List<(int First, int Last)> ranges, List<CharacterSet> sets, CharacterSet? intersected)
    {
        CharacterSet union = new(codePoint =>
        {
            foreach ((int first, int last) in ranges)
                if (codePoint >= first && codePoint <= last) return true;
            foreach (CharacterSet set in sets)
                if (set.Test(codePoint)) return true;
            return false;
        });
        return intersected is null ? union : intersected.Intersect(union);
    }

    private bool Take(string expected)
    {
        if (string.CompareOrdinal(pattern, position, expected, 0, expected.Length) != 0) return false;
        position += expected.Length;
        return true;
    }

    private void Item(List<(int First, int Last)> ranges, List<CharacterSet> sets)
    {
        if (!Single(out int first, out CharacterSet? set))
        {
            sets.Add(set!);
            return;
        }

        int last = first;
        if (position + 1 < pattern.Length && pattern[position] == '-' && pattern[position + 1] is not (']' or '['))
        {
            int before = position++;
            if (!Single(out last, out _)) (position, last) = (before, first);
            if (last < first) throw Fail(pattern, position, "a range whose end is before its start");
            if (position == before)
            {
                ranges.Add(('-', '-'));
                position++;
            }
        }

        ranges.Add((first, last));
    }

    /// <summary>Reads one character; false when an escape stood for a whole set.</summary>
    private bool Single(out int codePoint, out CharacterSet? set)
    {
        set = null;
        if (pattern[position] != '\\')
        {
            codePoint = UnicodeProperties.CodePointAt(pattern, position, out int length);
            position += length;
            return true;
        }

        position++;
        if (position < pattern.Length && pattern[position] == 'b')
        {
            position++;
            codePoint = 8;
            return true;
        }

        return !TryEscapedSet(pattern, ref position, out codePoint, out set);
    }

    private CharacterSet Posix()
    {
        int close = pattern.IndexOf(":]", position, StringComparison.Ordinal);
        string name = close < 0 ? throw Fail(pattern, position, "a [: that is not closed") : pattern[position..close];
        position = close + 2;
        bool negative = name.StartsWith('^');
        Func<int, bool> test = name.TrimStart('^') switch
        {
            "alpha" => UnicodeProperties.Find("L")!,
            "digit" => UnicodeProperties.IsDigit,
            "alnum" => codePoint => UnicodeProperties.Find("L")!(codePoint) || UnicodeProperties.IsDigit(codePoint),
            "upper" => UnicodeProperties.Find("Lu")!,
            "lower" => UnicodeProperties.Find("Ll")!,
            "punct" => UnicodeProperties.IsPunctuation,
            "space" => UnicodeProperties.IsWhiteSpace,
            "word" => UnicodeProperties.IsWord,
            _ => throw Fail(pattern, position, $"the unknown class [:{name}:]"),
        };
        return negative ? new CharacterSet(test).Complement() : new CharacterSet(test);
    }

    /// <summary>The set of the escape whose backslash was just before <paramref name="position"/>.</summary>
    public static CharacterSet EscapedSet(string pattern, ref int position) =>
        TryEscapedSet(pattern, ref position, out int codePoint, out CharacterSet? set) ? set! : CharacterSet.Of(codePoint);

    private static bool TryEscapedSet(string pattern, ref int position, out int codePoint, out CharacterSet? set)
    {
        codePoint = 0;
        set = null;
        if (position >= pattern.Length) throw Fail(pattern, position, "a backslash at the end");
        char letter = pattern[position++];
        Func<int, bool>? test = letter switch
        {
            's' or 'S' => UnicodeProperties.IsWhiteSpace,
            'd' or 'D' => UnicodeProperties.IsDigit,
            'w' or 'W' => UnicodeProperties.IsWord,
            'h' or 'H' => other => other is < 128 && char.IsAsciiHexDigit((char)other),
            'p' or 'P' => Property(pattern, ref position),
            _ => null,
        };
        if (test is not null)
        {
            set = char.IsUpper(letter) ? new CharacterSet(test).Complement() : new CharacterSet(test);
            return true;
        }

        codePoint = letter switch
        {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'f' => '\f',
            'v' => '\v',
            'e' => 27,
            'a' => 7,
            '0' => 0,
            'x' => Hexadecimal(pattern, ref position, 2),
            'u' => Hexadecimal(pattern, ref position, 4),
            _ => Literal(pattern, ref position),
        };
        return false;
    }

    private static int Literal(string pattern, ref int position)
    {
        int codePoint = UnicodeProperties.CodePointAt(pattern, position - 1, out int length);
        position += length - 1;
        if (codePoint < 128 && char.IsAsciiLetterOrDigit((char)codePoint))
            throw Fail(pattern, position, $"the unknown escape \\{(char)codePoint}");
        return codePoint;
    }

    private static int Hexadecimal(string pattern, ref int position, int digits)
    {
        int end = Math.Min(position + digits, pattern.Length), skip = 0;
        if (position < pattern.Length && pattern[position] == '{')
        {
            end = pattern.IndexOf('}', position++);
            skip = 1;
        }

        if (end < 0
            || !int.TryParse(pattern.AsSpan(position, end - position), NumberStyles.AllowHexSpecifier, null, out int value)
            || value is < 0 or > 0x10FFFF)
            throw Fail(pattern, position, "a hexadecimal escape without a code point");
        position = end + skip;
        return value;
    }

    private static Func<int, bool> Property(string pattern, ref int position)
    {
        if (position >= pattern.Length) throw Fail(pattern, position, "\\p without a property");
        string name = pattern[position].ToString();
        int next = position + 1;
        if (name == "{")
        {
            int close = pattern.IndexOf('}', position);
            if (close < 0) throw Fail(pattern, position, "a property that is not closed");
            name = pattern[(position + 1)..close];
            next = close + 1;
        }

        bool negative = name.StartsWith('^');
        name = name.TrimStart('^').Trim();
        Func<int, bool> test = UnicodeProperties.Find(name)
            ?? throw Fail(pattern, position, $"the unknown property '{name}'{Suggestion.DidYouMean(name, UnicodeProperties.Names)}");
        position = next;
        return negative ? codePoint => !test(codePoint) : test;
    }
}
