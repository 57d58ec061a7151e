using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Caravan.Text;

namespace Caravan.Inference;

/// <summary>Reads the characters, escapes and classes of a regular expression.</summary>
internal sealed class RegexCharacters(string pattern)
{
    /// <summary>What every dialect takes for a digit, a word's character and a blank, and what any does: a text must match in all of them.</summary>
    private static readonly (CodePointSet InAll, Lazy<CodePointSet> InAny) Digits = (CodePointSet.Of(('0', '9')), new(() => Category("Nd")));

    private static readonly (CodePointSet InAll, Lazy<CodePointSet> InAny) Word = (
        CodePointSet.Of(('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')),
        new(() => Category("L").Union(Category("M")).Union(Category("N")).Union(Category("Pc")).Union(CodePointSet.Of("\u200C\u200D"))));

    private static readonly CodePointSet UsualBlanks = CodePointSet.Of(
        (9, 13), (0x20, 0x20), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000));

    private static readonly (CodePointSet InAll, Lazy<CodePointSet> InAny) Blanks = (UsualBlanks, new(() => UsualBlanks.Union(CodePointSet.Of("\u001C\u001D\u001E\u001F\u0085\u180E\uFEFF"))));

    private static readonly ConcurrentDictionary<string, CodePointSet?> Properties = new(StringComparer.Ordinal);

    /// <summary>What ECMAScript takes for the end of a line.</summary>
    public static CodePointSet LineEnds { get; } = CodePointSet.Of(('\n', '\n'), ('\r', '\r'), (0x2028, 0x2029));

    public int Position { get; set; }

    public bool AtEnd => Position >= pattern.Length;

    /// <summary>The UTF-16 unit at the position; 0 at the end.</summary>
    public char Here => AtEnd ? '\0' : pattern[Position];

    /// <summary>The character at the position, which moves behind it.</summary>
    public int Next()
    {
        if (Rune.DecodeFromUtf16(pattern.AsSpan(Math.Min(Position, pattern.Length)), out Rune rune, out int length) != OperationStatus.Done)
            throw Fail(AtEnd ? "it ends too early" : "half a character (an unpaired surrogate)");
        Position += length;
        return rune.Value;
    }

    /// <summary>A class from its '[' on.</summary>
    public CodePointSet Class()
    {
        int start = Position++;
        bool negated = Here == '^';
        if (negated) Position++;
        if (Here == ']') throw Fail("an empty class; write '\\]' for the character");
        List<(int, int)> ranges = [];
        while (Here != ']')
        {
            if (AtEnd)
            {
                Position = start;
                throw Fail("a class is not closed");
            }

            if (Here == '[' && Position + 1 < pattern.Length && pattern[Position + 1] is ':' or '.' or '=')
                throw Fail("POSIX classes are not supported");
            ranges.AddRange(Range(negated).Ranges);
        }

        Position++;
        CodePointSet set = CodePointSet.Of(ranges);
        return negated ? set.Complement() : set;
    }

    /// <summary>An escape from its backslash on, in a class that may be negated.</summary>
    public CodePointSet Escape(bool inClass, bool negated = false)
    {
        int start = Position++;
        if (AtEnd) throw Fail("a backslash at the end");
        char kind = Here;
        Position++;
        switch (kind)
        {
            case 'd' or 'D': return Shorthand(Digits, kind == 'D', negated);
            case 'w' or 'W': return Shorthand(Word, kind == 'W', negated);
            case 's' or 'S': return Shorthand(Blanks, kind == 'S', negated);
            case 't': return Single('\t');
            case 'n': return Single('\n');
            case 'r': return Single('\r');
            case 'f': return Single('\f');
            case 'v': return Single('\v');
            case 'b' when inClass: return Single('\b');
            case '0' when !char.IsAsciiDigit(Here): return Single('\0');
            case 'x': return Single(Hexadecimal(2));
            case 'u': return Single(Unicode());
            case 'p' or 'P': return Property(kind == 'P');
        }

        if (!char.IsAsciiLetterOrDigit(kind) && kind < 0x80) return Single(kind);
        Position = start;
        throw Fail(kind switch
        {
            >= '1' and <= '9' or 'k' => $"a back reference '\\{kind}' is not supported",
            'b' or 'B' => $"a word boundary '\\{kind}' is not supported",
            'A' or 'Z' or 'z' => $"an anchor '\\{kind}' is not supported; '^' and '$' at the ends are",
            _ => $"the escape '\\{kind}' is not known",
        });
    }

    public CaravanException Fail(string problem) =>
        new($"The regular expression '{(pattern.Length > 200 ? pattern[..200] + "…" : pattern)}' is wrong at character {Position + 1}: {problem}{(problem.EndsWith('?') ? "" : ".")}");

    private CodePointSet Range(bool negated)
    {
        CodePointSet first = ClassAtom(negated);
        if (Here != '-' || Position + 1 >= pattern.Length || pattern[Position + 1] == ']') return first;
        int dash = Position++;
        CodePointSet last = ClassAtom(negated);
        if (First(first) is { } from && First(last) is { } to && from <= to) return CodePointSet.Of((from, to));
        Position = dash;
        throw Fail("a range goes from a character to a later one; write '\\-' for the character");
    }

    private CodePointSet ClassAtom(bool negated) => Here == '\\' ? Escape(inClass: true, negated) : Single(Next());

    private int Hexadecimal(int digits)
    {
        if (Position + digits > pattern.Length || !int.TryParse(pattern.AsSpan(Position, digits), NumberStyles.AllowHexSpecifier, null, out int value))
            throw Fail($"{digits} hexadecimal digits were expected");
        Position += digits;
        return value;
    }

    private int Unicode()
    {
        int value;
        if (Here == '{')
        {
            int end = pattern.IndexOf('}', Position);
            if (end < 0 || !int.TryParse(pattern.AsSpan(Position + 1, end - Position - 1), NumberStyles.AllowHexSpecifier, null, out value))
                throw Fail("hexadecimal digits in braces were expected");
            Position = end + 1;
        }
        else
        {
            value = Hexadecimal(4);
            bool pair = value is >= 0xD800 and < 0xDC00 && string.CompareOrdinal(pattern, Position, "\\u", 0, 2) == 0;
            if (pair)
            {
                Position += 2;
                int low = Hexadecimal(4);
                value = low is >= 0xDC00 and < 0xE000 ? char.ConvertToUtf32((char)value, (char)low) : -1;
            }
        }

        return Rune.IsValid(value) ? value : throw Fail("a number that is no character");
    }

    private CodePointSet Property(bool negated)
    {
        int end = Here == '{' ? pattern.IndexOf('}', Position) : -1;
        if (end < 0 || end - Position > 100) throw Fail("a property's name in braces was expected");
        string name = pattern[(Position + 1)..end];
        CodePointSet set = (UnicodeProperties.Names.Contains(name) ? Properties.GetOrAdd(name, Find) : null)
            ?? throw Fail($"the property '{name}' is not known.{Suggestion.DidYouMean(name, UnicodeProperties.Names)}");
        Position = end + 1;
        return negated ? set.Complement() : set;
    }

    /// <summary>The set that leaves a text matching in every dialect, whatever stands around it.</summary>
    private static CodePointSet Shorthand((CodePointSet InAll, Lazy<CodePointSet> InAny) set, bool isComplement, bool inNegatedClass) =>
        isComplement
            ? (inNegatedClass ? set.InAll : set.InAny.Value).Complement()
            : inNegatedClass ? set.InAny.Value : set.InAll;

    private static CodePointSet Category(string name) => Properties.GetOrAdd(name, Find)!;

    private static CodePointSet? Find(string name) =>
        UnicodeProperties.Find(name) is { } test ? CodePointSet.Of(Enumerable.Range(0, 0x110000).Where(test).Select(value => (value, value))) : null;

    private static CodePointSet Single(int codePoint) => CodePointSet.Of((codePoint, codePoint));

    private static int? First(CodePointSet set) => set.Ranges.Length == 1 && set.Ranges[0].First == set.Ranges[0].Last ? set.Ranges[0].First : null;
}
