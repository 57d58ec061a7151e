namespace Caravan.Text;

/// <summary>
/// Parses the regular expressions found in tokenizer files (the Oniguruma and fancy-regex dialects, whose common part this is):
/// classes with properties, nesting and intersection, groups, look-around, atomic groups, possessive quantifiers and inline flags.
/// </summary>
internal sealed class PatternParser
{
    private const int MaximumDepth = 100;
    private readonly string pattern;
    private int position;
    private int depth;
    private bool ignoreCase;
    private bool dotMatchesNewline;

    private PatternParser(string pattern) => this.pattern = pattern;

    /// <summary>The tree of a pattern.</summary>
    /// <exception cref="CaravanException">The pattern is malformed or uses a construct that is not understood.</exception>
    public static PatternNode Parse(string pattern)
    {
        PatternParser parser = new(pattern);
        PatternNode node = parser.Choice();
        if (parser.position < pattern.Length) throw parser.Fail("an unmatched ')'");
        return node;
    }

    private bool AtEnd => position >= pattern.Length;

    private CaravanException Fail(string found) =>
        new($"The pattern '{(pattern.Length > 200 ? pattern[..200] + "..." : pattern)}' has {found} at character {position}; "
            + "write the pattern with classes, groups, look-around and quantifiers only.");

    private bool Take(string expected)
    {
        if (string.CompareOrdinal(pattern, position, expected, 0, expected.Length) != 0) return false;
        position += expected.Length;
        return true;
    }

    private PatternNode Choice()
    {
        if (++depth > MaximumDepth) throw Fail($"groups nested deeper than {MaximumDepth}");
        bool outerCase = ignoreCase, outerDot = dotMatchesNewline;
        List<PatternNode> options = [Sequence()];
        while (Take("|")) options.Add(Sequence());
        (ignoreCase, dotMatchesNewline) = (outerCase, outerDot);
        depth--;
        return options.Count == 1 ? options[0] : new PatternNode.Choice(options);
    }

    private PatternNode.Sequence Sequence()
    {
        List<PatternNode> parts = [];
        while (!AtEnd && pattern[position] is not ('|' or ')'))
            if (Atom() is { } atom) parts.Add(Quantified(atom));
        return new PatternNode.Sequence(parts);
    }

    private PatternNode Quantified(PatternNode atom)
    {
        while (!AtEnd)
        {
            int start = position;
            if (!Quantifier(out int minimum, out int maximum))
            {
                position = start;
                return atom;
            }

            Greed greed = Take("?") ? Greed.Lazy : pattern[start] != '{' && Take("+") ? Greed.Possessive : Greed.Greedy;
            atom = new PatternNode.Repeat(atom, minimum, maximum, greed);
        }

        return atom;
    }

    private bool Quantifier(out int minimum, out int maximum)
    {
        (minimum, maximum) = (0, int.MaxValue);
        if (Take("*")) return true;
        if (Take("+")) return (minimum = 1) == 1;
        if (Take("?")) return (maximum = 1) == 1;
        if (!Take("{")) return false;
        bool hasMinimum = Number(out minimum);
        if (!Take(",")) maximum = minimum;
        else if (!Number(out maximum)) maximum = int.MaxValue;
        else hasMinimum = true;
        if (!hasMinimum || !Take("}")) return false;
        if (minimum > maximum) throw Fail("a repetition whose minimum is above its maximum");
        return true;
    }

    private bool Number(out int number)
    {
        int start = position;
        number = 0;
        while (!AtEnd && char.IsAsciiDigit(pattern[position]))
        {
            number = number * 10 + (pattern[position++] - '0');
            if (number > 10000) throw Fail("a repetition count above 10000");
        }

        return position > start;
    }

    private PatternNode? Atom()
    {
        if (Take("(")) return Group();
        if (Take("[")) return new PatternNode.Set(Finish(new PatternClassParser(pattern, position, out position).Set));
        if (Take(".")) return new PatternNode.Set(new CharacterSet(dotMatchesNewline ? _ => true : codePoint => codePoint != '\n'));
        if (Take("^")) return new PatternNode.Assertion(Anchor.LineStart);
        if (Take("$")) return new PatternNode.Assertion(Anchor.LineEnd);
        if (pattern[position] is '*' or '+' or '?') throw Fail("a quantifier with nothing before it");
        return Take("\\") ? Escape() : Literal();
    }

    private PatternNode.Set Literal()
    {
        int codePoint = UnicodeProperties.CodePointAt(pattern, position, out int length);
        position += length;
        return new PatternNode.Set(Finish(CharacterSet.Of(codePoint)));
    }

    private CharacterSet Finish(CharacterSet set) => ignoreCase ? set.IgnoringCase() : set;

    private PatternNode Escape()
    {
        if (AtEnd) throw Fail("a backslash at the end");
        Anchor? anchor = pattern[position] switch
        {
            'A' => Anchor.TextStart,
            'z' => Anchor.TextEnd,
            'Z' => Anchor.TextEndOrLastNewline,
            'b' => Anchor.WordBoundary,
            'B' => Anchor.NotWordBoundary,
            _ => null,
        };
        if (anchor is { } found)
        {
            position++;
            return new PatternNode.Assertion(found);
        }

        if (pattern[position] is >= '1' and <= '9' or 'k' or 'g' or 'G' or 'K') throw Fail("a back reference or another construct that is not known");
        return new PatternNode.Set(Finish(PatternClassParser.EscapedSet(pattern, ref position)));
    }

    private PatternNode? Group()
    {
        PatternNode? result;
        if (Take("?:")) result = Choice();
        else if (Take("?=")) result = new PatternNode.Look(Choice(), Behind: false, Negative: false);
        else if (Take("?!")) result = new PatternNode.Look(Choice(), Behind: false, Negative: true);
        else if (Take("?<=")) result = new PatternNode.Look(Choice(), Behind: true, Negative: false);
        else if (Take("?<!")) result = new PatternNode.Look(Choice(), Behind: true, Negative: true);
        else if (Take("?>")) result = new PatternNode.Atomic(Choice());
        else if (Take("?#")) return Comment();
        else if (Take("?<") || Take("?P<")) result = Named();
        else if (Take("?")) return Flags();
        else result = Choice();
        if (!Take(")")) throw Fail("a group that is not closed");
        return result;
    }

    private PatternNode Named()
    {
        int close = pattern.IndexOf('>', position);
        if (close < 0) throw Fail("a group name that is not closed");
        position = close + 1;
        return Choice();
    }

    private PatternNode? Comment()
    {
        int close = pattern.IndexOf(')', position);
        if (close < 0) throw Fail("a comment that is not closed");
        position = close + 1;
        return null;
    }

    /// <summary>Reads <c>(?i)</c>, which holds to the end of the group, or <c>(?i:...)</c>, which holds inside.</summary>
    private PatternNode? Flags()
    {
        bool outerCase = ignoreCase, outerDot = dotMatchesNewline, on = true;
        for (; !AtEnd; position++)
        {
            switch (pattern[position])
            {
                case '-': on = false; break;
                case 'i': ignoreCase = on; break;
                case 's' or 'm': dotMatchesNewline = on; break;
                case 'u': break;
                case ')':
                    position++;
                    return null;
                case ':':
                    position++;
                    PatternNode body = Choice();
                    (ignoreCase, dotMatchesNewline) = (outerCase, outerDot);
                    return Take(")") ? body : throw Fail("a group that is not closed");
                default: throw Fail($"the unknown flag '{pattern[position]}'");
            }
        }

        throw Fail("a group that is not closed");
    }
}
