using System.Text;

namespace Caravan.Inference.Tests;

/// <summary>
/// Recognises texts of a small part of GBNF (no escapes in names, well-formed) straight from its definition: the set of places at which each part can
/// end, found by recursion and remembered. Shares nothing with the product.
/// </summary>
internal sealed class NaiveRecogniser
{
    private readonly Dictionary<string, Func<int, HashSet<int>>> rules = [];
    private readonly Dictionary<(string, int), HashSet<int>> known = [];
    private readonly string grammar;
    private int at;
    private int[] input = [];

    public NaiveRecogniser(string grammar)
    {
        this.grammar = grammar;
        for (Blanks(); at < grammar.Length; Blanks())
        {
            string name = Name();
            Blanks();
            at += 3;
            Func<int, HashSet<int>> body = Choice();
            rules[name] = body;
        }
    }

    public bool Accepts(string text)
    {
        input = [.. text.EnumerateRunes().Select(rune => rune.Value)];
        known.Clear();
        return Rule("root", 0).Contains(input.Length);
    }

    private HashSet<int> Rule(string name, int start)
    {
        if (!known.TryGetValue((name, start), out HashSet<int>? ends)) known[(name, start)] = ends = rules[name](start);
        return ends;
    }

    private Func<int, HashSet<int>> Choice()
    {
        List<Func<int, HashSet<int>>> options = [Sequence()];
        for (Blanks(); at < grammar.Length && grammar[at] == '|'; Blanks())
        {
            at++;
            options.Add(Sequence());
        }

        return start => [.. options.SelectMany(option => option(start))];
    }

    private Func<int, HashSet<int>> Sequence()
    {
        List<Func<int, HashSet<int>>> parts = [];
        for (Blanks(); at < grammar.Length && grammar[at] is not ('|' or ')') && !IsDefinition(); Blanks()) parts.Add(Repeated(Atom()));
        return start => parts.Aggregate(new HashSet<int> { start }, (ends, part) => [.. ends.SelectMany(part)]);
    }

    private Func<int, HashSet<int>> Repeated(Func<int, HashSet<int>> body)
    {
        if (at >= grammar.Length || !"*+?{".Contains(grammar[at])) return body;
        (int least, int most) = grammar[at++] switch { '*' => (0, 1000), '+' => (1, 1000), '?' => (0, 1), _ => Braces() };
        return start =>
        {
            HashSet<int> now = [start], ends = least == 0 ? [start] : [];
            for (int i = 1; i <= most && now.Count > 0; i++)
            {
                now = [.. now.SelectMany(body)];
                if (i < least) continue;
                int before = ends.Count;
                ends.UnionWith(now);
                if (ends.Count == before) break;
            }

            return ends;
        };
    }

    private (int, int) Braces()
    {
        string[] numbers = grammar[at..(at = grammar.IndexOf('}', at))].Split(',');
        at++;
        return (int.Parse(numbers[0]), numbers.Length == 1 ? int.Parse(numbers[0]) : numbers[1].Length == 0 ? 1000 : int.Parse(numbers[1]));
    }

    private Func<int, HashSet<int>> Atom()
    {
        char kind = grammar[at];
        if (kind == '(')
        {
            at++;
            Func<int, HashSet<int>> group = Choice();
            Blanks();
            at++;
            return group;
        }

        if (kind == '"')
        {
            List<int> literal = [];
            for (at++; grammar[at] != '"';) literal.Add(Character());
            at++;
            return start => start + literal.Count <= input.Length && input.AsSpan(start, literal.Count).SequenceEqual(literal.ToArray()) ? [start + literal.Count] : [];
        }

        if (kind == '[') return Class();
        if (kind == '.')
        {
            at++;
            return start => start < input.Length ? [start + 1] : [];
        }

        string name = Name();
        return start => Rule(name, start);
    }

    private Func<int, HashSet<int>> Class()
    {
        bool negated = grammar[++at] == '^';
        if (negated) at++;
        List<(int, int)> ranges = [];
        while (grammar[at] != ']')
        {
            int first = Character();
            bool range = grammar[at] == '-' && grammar[at + 1] != ']';
            if (range) at++;
            ranges.Add((first, range ? Character() : first));
        }

        at++;
        return start => start < input.Length && ranges.Exists(range => input[start] >= range.Item1 && input[start] <= range.Item2) != negated ? [start + 1] : [];
    }

    private int Character()
    {
        if (grammar[at] != '\\')
        {
            Rune rune = Rune.GetRuneAt(grammar, at);
            at += rune.Utf16SequenceLength;
            return rune.Value;
        }

        char kind = grammar[at + 1];
        at += 2;
        int digits = kind switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
        if (digits == 0) return kind switch { 'n' => '\n', 't' => '\t', 'r' => '\r', _ => kind };
        at += digits;
        return Convert.ToInt32(grammar[(at - digits)..at], 16);
    }

    private string Name()
    {
        int start = at;
        while (at < grammar.Length && (char.IsAsciiLetterOrDigit(grammar[at]) || grammar[at] == '-')) at++;
        return grammar[start..at];
    }

    private bool IsDefinition()
    {
        int start = at;
        bool named = Name().Length > 0;
        while (at < grammar.Length && grammar[at] == ' ') at++;
        bool defines = named && string.CompareOrdinal(grammar, at, "::=", 0, 3) == 0;
        at = start;
        return defines;
    }

    private void Blanks()
    {
        for (; at < grammar.Length && (char.IsWhiteSpace(grammar[at]) || grammar[at] == '#'); at++)
            if (grammar[at] == '#') while (at < grammar.Length - 1 && grammar[at] != '\n') at++;
    }
}
