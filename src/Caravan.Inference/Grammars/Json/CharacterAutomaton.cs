using System.Text;

namespace Caravan.Inference;

/// <summary>A regular expression over characters as states without empty steps between them.</summary>
internal sealed class CharacterAutomaton
{
    /// <summary>A character of a set leads to a state.</summary>
    public readonly record struct Edge(CodePointSet Set, int Target);

    private const int MostStates = 20_000, MostEdges = 1_000_000;

    private readonly List<List<Edge>> edges = [];
    private readonly List<List<int>> jumps = [];
    private readonly Dictionary<int, (List<Edge> Edges, bool CanEnd)> closed = [];
    private readonly int end;
    private int closedEdges;

    /// <summary>Lays out an expression of characters, texts, sequences, choices and repetitions.</summary>
    /// <exception cref="CaravanException">It is too large.</exception>
    public CharacterAutomaton(GrammarNode node)
    {
        Start = Add();
        end = Append(node, Start);
    }

    public int Start { get; }

    /// <summary>What a state leads to.</summary>
    public List<Edge> EdgesOf(int state) => Close(state).Edges;

    /// <summary>Whether a text may end in a state.</summary>
    public bool CanEnd(int state) => Close(state).CanEnd;

    private (List<Edge> Edges, bool CanEnd) Close(int state)
    {
        if (closed.TryGetValue(state, out (List<Edge>, bool) known)) return known;
        HashSet<int> seen = [state];
        Stack<int> open = new([state]);
        List<Edge> reached = [];
        while (open.TryPop(out int next))
        {
            reached.AddRange(edges[next]);
            if (++closedEdges > MostEdges) throw new CaravanException("A condition on a string of the JSON schema is too ambiguous; let repeated parts not be empty.");
            foreach (int target in jumps[next])
                if (seen.Add(target)) open.Push(target);
        }

        return closed[state] = (reached, seen.Contains(end));
    }

    private int Add()
    {
        if (edges.Count == MostStates) throw new CaravanException($"A condition on a string of the JSON schema needs more than {MostStates} states; use smaller repetitions.");
        edges.Add([]);
        jumps.Add([]);
        return edges.Count - 1;
    }

    private int Append(GrammarNode node, int from)
    {
        switch (node)
        {
            case GrammarNode.Characters characters:
                return Step(from, characters.Set);
            case GrammarNode.Literal literal:
                foreach (Rune rune in Encoding.UTF8.GetString(literal.Bytes).EnumerateRunes()) from = Step(from, CodePointSet.Of((rune.Value, rune.Value)));
                return from;
            case GrammarNode.Sequence sequence:
                foreach (GrammarNode part in sequence.Parts) from = Append(part, from);
                return from;
            case GrammarNode.Choice choice:
                int joined = Add();
                foreach (GrammarNode option in choice.Options) jumps[Append(option, from)].Add(joined);
                return joined;
            case GrammarNode.Repeat repeat:
                return Append(repeat, from);
            default:
                throw new ArgumentException(node.GetType().Name, nameof(node));
        }
    }

    private int Append(GrammarNode.Repeat repeat, int from)
    {
        for (int i = 0; i < repeat.Minimum; i++) from = Append(repeat.Body, from);
        int to = Add();
        jumps[from].Add(to);
        if (repeat.Maximum == GrammarNode.Repeat.Unbounded)
        {
            jumps[Append(repeat.Body, to)].Add(to);
            return to;
        }

        for (int i = repeat.Minimum; i < repeat.Maximum; i++)
        {
            from = Append(repeat.Body, from);
            jumps[from].Add(to);
        }

        return to;
    }

    private int Step(int from, CodePointSet set)
    {
        int to = Add();
        edges[from].Add(new Edge(set, to));
        return to;
    }
}
