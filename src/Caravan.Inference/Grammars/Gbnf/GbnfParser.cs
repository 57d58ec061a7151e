using System.Globalization;
using System.Text;

namespace Caravan.Inference;

/// <summary>Reads llama.cpp's grammar notation: rules <c>name ::= …</c> of literals, classes, groups, repetitions and comments.</summary>
internal sealed class GbnfParser
{
    private const int MostDepth = 100, MostRepetitions = 10_000, LongestText = 1 << 20, LongestName = 100;

    private readonly string text;
    private readonly Dictionary<string, GrammarNode.Rule> rules = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> firstUse = new(StringComparer.Ordinal);
    private readonly HashSet<string> defined = new(StringComparer.Ordinal);
    private int position;
    private int depth;

    private GbnfParser(string text) => this.text = text;

    /// <summary>The expression of the rule <c>root</c>.</summary>
    /// <exception cref="CaravanException">The text is no grammar.</exception>
    public static GrammarNode Parse(string text)
    {
        if (text.Length > LongestText) throw new CaravanException($"The grammar has {text.Length} characters; at most {LongestText} are read.");
        return new GbnfParser(text).Grammar();
    }

    private bool AtEnd => position >= text.Length;

    private char Here => AtEnd ? '\0' : text[position];

    private GrammarNode.Rule Grammar()
    {
        for (Skip(lines: true); !AtEnd; Skip(lines: true)) Definition();
        foreach ((string name, int place) in firstUse)
        {
            if (defined.Contains(name)) continue;
            position = place;
            throw Fail($"the rule '{name}' is used but not defined.{Suggestion.DidYouMean(name, defined)}");
        }

        if (!defined.Contains("root")) throw new CaravanException("The grammar has no rule 'root', with which every text begins.");
        return rules["root"];
    }

    private void Definition()
    {
        int start = position;
        string name = Name();
        Skip(lines: false);
        if (!Take("::=")) throw Fail($"'::=' was expected after the rule's name '{name}'");
        if (!defined.Add(name))
        {
            position = start;
            throw Fail($"the rule '{name}' is defined a second time");
        }

        Skip(lines: true);
        RuleOf(name).Body = Alternatives(nested: false);
        if (!AtEnd && Here is not ('\n' or '\r')) throw Fail($"a line end was expected, not '{Here}'");
    }

    private GrammarNode Alternatives(bool nested)
    {
        if (++depth > MostDepth) throw Fail($"groups are nested deeper than {MostDepth}");
        List<GrammarNode> options = [Sequence(nested)];
        while (NextAlternative(nested)) options.Add(Sequence(nested));
        depth--;
        return GrammarNode.Any(options);
    }

    /// <summary>Goes behind a '|', which may stand at the beginning of the next line.</summary>
    private bool NextAlternative(bool nested)
    {
        int before = position;
        Skip(lines: true);
        if (Take("|"))
        {
            Skip(lines: true);
            return true;
        }

        if (!nested) position = before;
        return false;
    }

    private GrammarNode Sequence(bool nested)
    {
        List<GrammarNode> parts = [];
        while (Atom() is { } atom)
        {
            Skip(nested);
            if (Repetition(out int minimum, out int maximum))
            {
                atom = new GrammarNode.Repeat(atom, minimum, maximum);
                Skip(nested);
                if (Here is '*' or '+' or '?' or '{') throw Fail("a repetition behind a repetition; put the first into parentheses");
            }

            parts.Add(atom);
        }

        return GrammarNode.Of(parts);
    }

    private GrammarNode? Atom()
    {
        if (Here == '"') return Literal();
        if (Take("[")) return Class();
        if (Take(".")) return new GrammarNode.Characters(CodePointSet.All);
        if (Here is '<' or '!') throw Fail("tokens by name or number ('<…>') are not supported; write their text");
        if (IsNameCharacter(Here))
        {
            int start = position;
            string name = Name();
            firstUse.TryAdd(name, start);
            return RuleOf(name);
        }

        if (!Take("(")) return null;
        Skip(lines: true);
        GrammarNode group = Alternatives(nested: true);
        if (!Take(")")) throw Fail("a ')' was expected");
        return group;
    }

    private bool Repetition(out int minimum, out int maximum)
    {
        (minimum, maximum) = (0, GrammarNode.Repeat.Unbounded);
        if (Take("*")) return true;
        if (Take("+")) return (minimum = 1) == 1;
        if (Take("?")) return (maximum = 1) == 1;
        if (!Take("{")) return false;
        Skip(lines: false);
        bool hasMinimum = char.IsAsciiDigit(Here);
        minimum = hasMinimum ? Count() : 0;
        Skip(lines: false);
        maximum = minimum;
        if (Take(","))
        {
            Skip(lines: false);
            maximum = char.IsAsciiDigit(Here) ? Count() : hasMinimum ? GrammarNode.Repeat.Unbounded : throw Fail("a number was expected");
            Skip(lines: false);
        }
        else if (!hasMinimum)
        {
            throw Fail("a number was expected");
        }

        if (!Take("}")) throw Fail("a '}' was expected");
        return minimum <= maximum ? true : throw Fail($"the repetition's minimum {minimum} is above its maximum {maximum}");
    }

    private int Count()
    {
        int number = 0;
        for (; char.IsAsciiDigit(Here); position++)
        {
            number = 10 * number + Here - '0';
            if (number > MostRepetitions) throw Fail($"a repetition of more than {MostRepetitions}");
        }

        return number;
    }

    private GrammarNode Literal()
    {
        int start = position++;
        StringBuilder content = new();
        while (!Take("\""))
        {
            if (AtEnd || Here is '\n' or '\r')
            {
                position = start;
                throw Fail("a literal is not closed");
            }

            content.Append(new Rune(Character()).ToString());
        }

        return GrammarNode.Text(content.ToString());
    }

    private GrammarNode.Characters Class()
    {
        int start = position - 1;
        bool negated = Take("^");
        List<(int, int)> ranges = [];
        while (!Take("]"))
        {
            if (AtEnd || Here is '\n' or '\r')
            {
                position = start;
                throw Fail("a class is not closed");
            }

            int first = Character(), last = first;
            if (Here == '-' && position + 1 < text.Length && text[position + 1] != ']')
            {
                position++;
                last = AtEnd ? first : Character();
                if (last < first) throw Fail("a range's end comes before its beginning");
            }

            ranges.Add((first, last));
        }

        CodePointSet set = CodePointSet.Of(ranges);
        return new GrammarNode.Characters(negated ? set.Complement() : set);
    }

    private int Character()
    {
        if (!Take("\\"))
        {
            if (Rune.DecodeFromUtf16(text.AsSpan(position), out Rune rune, out int length) != System.Buffers.OperationStatus.Done)
                throw Fail("half a character (an unpaired surrogate)");
            position += length;
            return rune.Value;
        }

        char kind = Here;
        position++;
        return kind switch
        {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            '\\' or '"' or '[' or ']' or '-' or '^' => kind,
            'x' => Hexadecimal(2),
            'u' => Hexadecimal(4),
            'U' => Hexadecimal(8),
            _ => throw Fail("an unknown escape; known are \\n \\r \\t \\\\ \\\" \\[ \\] \\xHH \\uHHHH \\UHHHHHHHH", back: 1),
        };
    }

    private int Hexadecimal(int digits)
    {
        if (position + digits > text.Length || !uint.TryParse(text.AsSpan(position, digits), NumberStyles.AllowHexSpecifier, null, out uint value))
            throw Fail($"{digits} hexadecimal digits were expected");
        if (!Rune.IsValid(value)) throw Fail($"{value:X} is no character");
        position += digits;
        return (int)value;
    }

    private string Name()
    {
        int start = position;
        while (IsNameCharacter(Here) && position - start < LongestName) position++;
        if (IsNameCharacter(Here)) throw Fail($"a rule's name has more than {LongestName} characters");
        return position > start ? text[start..position] : throw Fail(AtEnd ? "a rule's name was expected" : $"a rule's name was expected, not '{Here}'");
    }

    private GrammarNode.Rule RuleOf(string name)
    {
        if (!rules.TryGetValue(name, out GrammarNode.Rule? rule)) rules.Add(name, rule = new GrammarNode.Rule(name));
        return rule;
    }

    private bool Take(string expected)
    {
        if (string.CompareOrdinal(text, position, expected, 0, expected.Length) != 0) return false;
        position += expected.Length;
        return true;
    }

    private void Skip(bool lines)
    {
        while (!AtEnd)
        {
            if (Here == '#') position = text.IndexOf('\n', position) is var end and >= 0 ? end : text.Length;
            else if (Here is ' ' or '\t' || (lines && Here is '\n' or '\r')) position++;
            else break;
        }
    }

    private CaravanException Fail(string problem, int back = 0)
    {
        int place = Math.Clamp(position - back, 0, text.Length);
        int line = text.AsSpan(0, place).Count('\n') + 1, column = place - text.LastIndexOf('\n', Math.Max(0, place - 1), Math.Max(0, place));
        return new CaravanException($"The grammar is wrong at line {line}, column {column}: {problem}{(problem.EndsWith('?') ? "" : ".")}");
    }

    private static bool IsNameCharacter(char value) => char.IsAsciiLetterOrDigit(value) || value is '-' or '_';
}
