namespace Caravan.Inference;

/// <summary>Strings that satisfy several regular conditions at once, as JSON writes them: the product of their automata over characters.</summary>
internal sealed class StringConstraints
{
    private const int MostStates = 50_000, MostWays = 500_000;

    private readonly CharacterAutomaton[] automata;
    private readonly Dictionary<Key, GrammarNode.Rule> rules = [];
    private readonly Dictionary<CodePointSet, GrammarNode> characters = [];
    private readonly Queue<Key> open = new();
    private readonly string place;
    private int wayCount;

    private StringConstraints(CharacterAutomaton[] automata, string place) => (this.automata, this.place) = (automata, place);

    /// <summary>The quoted strings whose characters every one of the expressions allows.</summary>
    /// <exception cref="CaravanException">There are too many states.</exception>
    public static GrammarNode All(IReadOnlyList<GrammarNode> conditions, string place)
    {
        if (conditions.Count == 1) return JsonNodes.Quoted(Written(conditions[0], []));
        StringConstraints product = new([.. conditions.Select(condition => new CharacterAutomaton(condition))], place);
        GrammarNode start = product.RuleOf(new Key([.. product.automata.Select(automaton => automaton.Start)]));
        while (product.open.TryDequeue(out Key? key)) product.rules[key].Body = product.Ways(key);
        return JsonNodes.Quoted(start);
    }

    /// <summary>The same expression with every character as JSON writes it.</summary>
    private static GrammarNode Written(GrammarNode node, Dictionary<GrammarNode, GrammarNode> known)
    {
        if (known.TryGetValue(node, out GrammarNode? written)) return written;
        return known[node] = node switch
        {
            GrammarNode.Characters { Set: var set } when set == CodePointSet.All => JsonNodes.Character,
            GrammarNode.Characters { Set: var set } => JsonNodes.CharacterOf(set),
            GrammarNode.Literal literal => GrammarNode.Text(JsonNodes.TextOf(System.Text.Encoding.UTF8.GetString(literal.Bytes))[1..^1]),
            GrammarNode.Sequence sequence => new GrammarNode.Sequence([.. sequence.Parts.Select(part => Written(part, known))]),
            GrammarNode.Choice choice => new GrammarNode.Choice([.. choice.Options.Select(option => Written(option, known))]),
            GrammarNode.Repeat repeat => new GrammarNode.Repeat(Written(repeat.Body, known), repeat.Minimum, repeat.Maximum),
            _ => throw new ArgumentException(node.GetType().Name, nameof(node)),
        };
    }

    private CaravanException TooLarge() => new(
        $"The JSON schema's conditions on the string at '{place}' together need more than {MostStates} states or {MostWays} ways between them; use smaller lengths or fewer conditions.");

    private GrammarNode.Rule RuleOf(Key key)
    {
        if (rules.TryGetValue(key, out GrammarNode.Rule? rule)) return rule;
        if (rules.Count == MostStates) throw TooLarge();
        rules.Add(key, rule = new GrammarNode.Rule(place));
        open.Enqueue(key);
        return rule;
    }

    private GrammarNode Ways(Key key)
    {
        List<(CodePointSet Set, int[] Targets)> ways = [(CodePointSet.All, [])];
        for (int i = 0; i < automata.Length; i++)
        {
            List<(CodePointSet, int[])> next = [];
            foreach ((CodePointSet set, int[] targets) in ways)
            {
                foreach (CharacterAutomaton.Edge edge in automata[i].EdgesOf(key.States[i]))
                {
                    CodePointSet common = set == CodePointSet.All ? edge.Set : edge.Set == CodePointSet.All ? set : set.Intersect(edge.Set);
                    if (++wayCount > MostWays) throw TooLarge();
                    if (!common.IsEmpty) next.Add((common, [.. targets, edge.Target]));
                }
            }

            ways = next;
        }

        List<GrammarNode> options = [.. ways.Select(way => GrammarNode.Of(CharacterOf(way.Set), RuleOf(new Key(way.Targets))))];
        if (automata.Select((automaton, i) => automaton.CanEnd(key.States[i])).All(ends => ends)) options.Add(GrammarNode.Empty);
        return GrammarNode.Any(options);
    }

    private GrammarNode CharacterOf(CodePointSet set)
    {
        if (!characters.TryGetValue(set, out GrammarNode? node))
            characters.Add(set, node = set == CodePointSet.All ? JsonNodes.Character : new GrammarNode.Rule(place) { Body = JsonNodes.CharacterOf(set) });
        return node;
    }

    /// <summary>A state of each automaton.</summary>
    private sealed class Key(int[] states) : IEquatable<Key>
    {
        public int[] States { get; } = states;

        public bool Equals(Key? other) => other is not null && States.AsSpan().SequenceEqual(other.States);

        public override bool Equals(object? other) => Equals(other as Key);

        public override int GetHashCode() => States.Aggregate(17, HashCode.Combine);
    }
}
