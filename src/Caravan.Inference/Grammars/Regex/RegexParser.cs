using System.Text;

namespace Caravan.Inference;

/// <summary>Reads regular expressions: what ECMAScript and Python have in common, without what looks around or back.</summary>
internal sealed class RegexParser
{
    private const int MostDepth = 100, MostRepetitions = 10_000, LongestPattern = 1 << 16;

    private readonly RegexCharacters characters;
    private readonly string pattern;
    private int depth;

    private RegexParser(string pattern) => (this.pattern, characters) = (pattern, new RegexCharacters(pattern));

    /// <summary>The texts that match from their first character to their last.</summary>
    /// <exception cref="CaravanException">The pattern is malformed or has what is not supported.</exception>
    public static GrammarNode Parse(string pattern) => new RegexParser(pattern).Whole(search: false);

    /// <summary>The texts that hold a match, as JSON schemas have it: only anchors tie it to the ends.</summary>
    /// <exception cref="CaravanException">The pattern is malformed or has what is not supported.</exception>
    public static GrammarNode ParseSearch(string pattern) => new RegexParser(pattern).Whole(search: true);

    private char Here => characters.Here;

    private bool AtEnd => characters.AtEnd;

    private GrammarNode Whole(bool search)
    {
        if (pattern.Length > LongestPattern)
            throw new CaravanException($"The regular expression has {pattern.Length} characters; at most {LongestPattern} are read.");
        GrammarNode anything = new GrammarNode.Repeat(new GrammarNode.Characters(CodePointSet.All), 0, GrammarNode.Repeat.Unbounded);
        List<GrammarNode> options = [];
        do
        {
            bool fromStart = Take("^");
            GrammarNode sequence = Sequence();
            bool toEnd = Take("$");
            if (!AtEnd && Here != '|') throw characters.Fail(Here == ')' ? "a ')' without a '('" : "an anchor '$' within the pattern is not supported");
            options.Add(search ? GrammarNode.Of(fromStart ? GrammarNode.Empty : anything, sequence, toEnd ? GrammarNode.Empty : anything) : sequence);
        }
        while (Take("|"));
        return GrammarNode.Any(options);
    }

    private GrammarNode Alternatives()
    {
        if (++depth > MostDepth) throw characters.Fail($"groups are nested deeper than {MostDepth}");
        List<GrammarNode> options = [];
        do options.Add(Sequence());
        while (Take("|"));
        depth--;
        return GrammarNode.Any(options);
    }

    private GrammarNode Sequence()
    {
        List<GrammarNode> parts = [];
        while (!AtEnd && Here is not ('|' or ')' or '$')) parts.Add(Quantified(Atom()));
        return GrammarNode.Of(parts);
    }

    private GrammarNode Quantified(GrammarNode atom)
    {
        if (!Quantifier(out int minimum, out int maximum)) return atom;
        // Whether it takes as much or as little as possible makes no difference to which texts match.
        if (!Take("?") && Here == '+') throw characters.Fail("possessive quantifiers are not supported");
        if (!AtEnd && Here is '*' or '+' or '?') throw characters.Fail("a quantifier behind a quantifier");
        return new GrammarNode.Repeat(atom, minimum, maximum);
    }

    private bool Quantifier(out int minimum, out int maximum)
    {
        (minimum, maximum) = (0, GrammarNode.Repeat.Unbounded);
        if (Take("*")) return true;
        if (Take("+")) return (minimum = 1) == 1;
        if (Take("?")) return (maximum = 1) == 1;
        if (!Take("{")) return false;
        bool hasMinimum = char.IsAsciiDigit(Here);
        minimum = hasMinimum ? Count() : 0;
        if (!Take(",")) maximum = minimum;
        else if (char.IsAsciiDigit(Here)) maximum = Count();
        else if (!hasMinimum) throw characters.Fail("a number was expected; write '\\{' for the character");
        if ((maximum == 0 && !hasMinimum) || !Take("}")) throw characters.Fail("a repetition '{m}', '{m,}' or '{m,n}' was expected; write '\\{' for the character");
        return minimum <= maximum ? true : throw characters.Fail($"the repetition's minimum {minimum} is above its maximum {maximum}");
    }

    private int Count()
    {
        int number = 0;
        for (; char.IsAsciiDigit(Here); characters.Position++)
        {
            number = 10 * number + Here - '0';
            if (number > MostRepetitions) throw characters.Fail($"a repetition of more than {MostRepetitions}");
        }

        return number;
    }

    private GrammarNode Atom()
    {
        switch (Here)
        {
            case '(':
                return Group();
            case '[':
                return new GrammarNode.Characters(characters.Class());
            case '.':
                characters.Position++;
                return new GrammarNode.Characters(RegexCharacters.LineEnds.Complement());
            case '*' or '+' or '?' or '{':
                throw characters.Fail($"a quantifier '{Here}' with nothing before it");
            case '^':
                throw characters.Fail("an anchor '^' within the pattern is not supported");
            case '\\':
                return new GrammarNode.Characters(characters.Escape(inClass: false));
            default:
                return GrammarNode.Text(new Rune(characters.Next()).ToString());
        }
    }

    private GrammarNode Group()
    {
        int start = characters.Position++;
        if (Take("?"))
        {
            if (Here is '=' or '!' || Is("<=") || Is("<!")) throw characters.Fail("look-around is not supported");
            if (Take("P<") || Take("<")) SkipName();
            else if (!Take(":")) throw characters.Fail("groups with flags or other extensions '(?…)' are not supported, but '(?:…)' and '(?<name>…)' are");
        }

        GrammarNode group = Alternatives();
        if (Take(")")) return group;
        if (Here == '$') throw characters.Fail("an anchor '$' within a group is not supported");
        characters.Position = start;
        throw characters.Fail("a group is not closed");
    }

    private void SkipName()
    {
        while (char.IsAsciiLetterOrDigit(Here) || Here == '_') characters.Position++;
        if (!Take(">")) throw characters.Fail("a group's name ends with '>'");
    }

    private bool Is(string expected) => string.CompareOrdinal(pattern, characters.Position, expected, 0, expected.Length) == 0;

    private bool Take(string expected)
    {
        if (!Is(expected)) return false;
        characters.Position += expected.Length;
        return true;
    }
}
