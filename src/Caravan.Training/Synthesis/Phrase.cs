using System.Buffers;
using System.Text;

namespace Caravan.Training.Synthesis;

/// <summary>
/// Many ways to say something: <c>(a|b)</c> is one of some, <c>[a]</c> is there or not, <c>{name}</c> is filled in. Several lines are one of them.
/// </summary>
internal sealed class Phrase
{
    private static readonly SearchValues<char> Brackets = SearchValues.Create("([{|)]");

    private readonly Part root;

    /// <summary>Reads a grammar.</summary>
    /// <exception cref="FormatException">A bracket is not closed.</exception>
    public Phrase(string grammar)
    {
        Part[] lines = [.. grammar.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(line => Read(line))];
        root = lines.Length == 1 ? lines[0] : new Part(Kind.Choice, "", lines);
    }

    /// <summary>A grammar as it is written in a table.</summary>
    public static implicit operator Phrase(string grammar) => new(grammar);

    /// <summary>One of the ways.</summary>
    /// <param name="draw">Chooses.</param>
    /// <param name="slots">What is filled in.</param>
    /// <exception cref="KeyNotFoundException">The grammar names what is not given.</exception>
    public string Say(Draw draw, params ReadOnlySpan<(string Name, string Value)> slots)
    {
        StringBuilder text = new();
        Write(root, draw, slots, text);
        return text.ToString();
    }

    private static void Write(Part part, Draw draw, ReadOnlySpan<(string Name, string Value)> slots, StringBuilder text)
    {
        switch (part.Kind)
        {
            case Kind.Text:
                // What is left out leaves one blank, not two.
                bool hasBlank = text.Length == 0 || text[^1] == ' ';
                text.Append(hasBlank && part.Text[0] == ' ' ? part.Text.AsSpan(1) : part.Text);
                return;
            case Kind.Slot:
                text.Append(ValueOf(part.Text, slots));
                return;
            case Kind.Choice:
                Write(draw.Pick(part.Parts), draw, slots, text);
                return;
            case Kind.Optional when draw.Chance(0.5):
                return;
            default:
                foreach (Part each in part.Parts) Write(each, draw, slots, text);
                return;
        }
    }

    private static string ValueOf(string name, ReadOnlySpan<(string Name, string Value)> slots)
    {
        foreach ((string each, string value) in slots)
            if (each == name) return value;
        throw new KeyNotFoundException($"A phrase asks for '{name}', which was not given.");
    }

    private static Part Read(string line)
    {
        int at = 0;
        Part part = ReadSequence(line, ref at);
        return at == line.Length ? part : throw new FormatException($"In the phrase '{line}' the bracket at {at} closes nothing.");
    }

    /// <summary>Parts up to the end, a bar, or a closing bracket.</summary>
    private static Part ReadSequence(string line, ref int at)
    {
        List<Part> parts = [];
        while (at < line.Length && line[at] is not ('|' or ')' or ']'))
        {
            int end = line.AsSpan(at).IndexOfAny(Brackets);
            if (end != 0)
            {
                end = end < 0 ? line.Length : at + end;
                parts.Add(new Part(Kind.Text, line[at..end], []));
                at = end;
                continue;
            }

            parts.Add(ReadBracket(line, ref at));
        }

        return parts.Count == 1 ? parts[0] : new Part(Kind.Sequence, "", [.. parts]);
    }

    private static Part ReadBracket(string line, ref int at)
    {
        char open = line[at++];
        if (open == '{')
        {
            int close = line.IndexOf('}', at);
            if (close < 0) throw new FormatException($"In the phrase '{line}' a slot is not closed.");
            Part slot = new(Kind.Slot, line[at..close], []);
            at = close + 1;
            return slot;
        }

        List<Part> ways = [ReadSequence(line, ref at)];
        while (at < line.Length && line[at] == '|')
        {
            at++;
            ways.Add(ReadSequence(line, ref at));
        }

        if (at == line.Length || line[at] != (open == '(' ? ')' : ']')) throw new FormatException($"In the phrase '{line}' a bracket is not closed.");
        at++;
        Part choice = new(Kind.Choice, "", [.. ways]);
        return open == '(' ? choice : new Part(Kind.Optional, "", [choice]);
    }

    private enum Kind
    {
        Text,
        Slot,
        Sequence,
        Choice,
        Optional,
    }

    private sealed record Part(Kind Kind, string Text, Part[] Parts);
}
