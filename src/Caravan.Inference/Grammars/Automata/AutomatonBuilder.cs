using static Caravan.Inference.ByteAutomaton;

namespace Caravan.Inference;

/// <summary>Lays a grammar out as states (Thompson 1968, with calls for rules).</summary>
internal sealed class AutomatonBuilder
{
    /// <summary>Most states of a grammar; each takes some 200 bytes.</summary>
    public const int MostStates = 200_000;

    private readonly List<Place> places = [];
    private readonly Dictionary<GrammarNode.Rule, int> starts = [];
    private readonly Queue<GrammarNode.Rule> toBuild = new();
    private readonly Dictionary<GrammarNode, GrammarNode.Rule> repeated = [];

    private AutomatonBuilder()
    {
    }

    /// <summary>The automaton of a grammar, without what can never come to an end.</summary>
    /// <exception cref="CaravanException">The grammar is too large, is left-recursive, or has no text.</exception>
    public static ByteAutomaton Build(GrammarNode root)
    {
        AutomatonBuilder builder = new();
        int start = builder.StartOf(new GrammarNode.Rule("root") { Body = root });
        while (builder.toBuild.TryDequeue(out GrammarNode.Rule? rule)) builder.places[builder.Append(rule.Body, builder.starts[rule])].IsEnd = true;
        AutomatonChecks checks = new(builder.places, builder.starts);
        checks.RefuseLeftRecursion();
        checks.RemoveDeadEnds(start);
        checks.MarkPlacesThatOnlyEnd();
        (byte[] classOf, byte[] representatives) = ByteClasses(builder.places);
        return new ByteAutomaton { Places = builder.places, Start = start, ClassOf = classOf, Representatives = representatives };
    }

    private int StartOf(GrammarNode.Rule rule)
    {
        if (starts.TryGetValue(rule, out int start)) return start;
        starts.Add(rule, start = Add());
        toBuild.Enqueue(rule);
        return start;
    }

    private int Add()
    {
        if (places.Count == MostStates)
            throw new CaravanException($"The grammar needs more than {MostStates} states; use fewer or smaller repetitions.");
        places.Add(new Place());
        return places.Count - 1;
    }

    /// <summary>Lays a node out behind a state, to which nothing of the node returns; returns the state behind the node.</summary>
    private int Append(GrammarNode node, int from)
    {
        switch (node)
        {
            case GrammarNode.Literal literal:
                foreach (byte value in literal.Bytes) from = Step(from, value, value);
                return from;
            case GrammarNode.Characters characters:
                return Append(characters.Set, from);
            case GrammarNode.Sequence sequence:
                foreach (GrammarNode part in sequence.Parts) from = Append(part, from);
                return from;
            case GrammarNode.Choice choice:
                int joined = Add();
                foreach (GrammarNode option in choice.Options) places[Append(option, from)].Jumps.Add(joined);
                return joined;
            case GrammarNode.Repeat repeat:
                return Append(repeat, from);
            case GrammarNode.Rule rule:
                int behind = Add();
                places[from].Calls.Add(new Call(StartOf(rule), behind));
                return behind;
            case GrammarNode.AfterTrigger after:
                return Append(after, from);
            default:
                throw new ArgumentException(node.GetType().Name, nameof(node));
        }
    }

    private int Step(int from, byte first, byte last)
    {
        int to = Add();
        places[from].Bytes.Add(new ByteEdge(first, last, to));
        return to;
    }

    private int Append(CodePointSet set, int from)
    {
        int to = Add();
        Dictionary<(byte First, byte Last, int To), int> before = [];
        foreach ((byte First, byte Last)[] sequence in Utf8Ranges.Of(set))
        {
            int target = to;
            for (int i = sequence.Length - 1; i > 0; i--)
            {
                (byte first, byte last) = sequence[i];
                if (!before.TryGetValue((first, last, target), out int place))
                {
                    before.Add((first, last, target), place = Add());
                    places[place].Bytes.Add(new ByteEdge(first, last, target));
                }

                target = place;
            }

            places[from].Bytes.Add(new ByteEdge(sequence[0].First, sequence[0].Last, target));
        }

        return to;
    }

    private int Append(GrammarNode.Repeat repeat, int from)
    {
        GrammarNode body = repeat.Body;
        int copies = repeat.Maximum == GrammarNode.Repeat.Unbounded ? repeat.Minimum + 1 : repeat.Maximum;
        if (copies > 2 && body is not (GrammarNode.Rule or GrammarNode.Literal { Bytes.Length: 1 })) body = AsRule(body);
        for (int i = 0; i < repeat.Minimum; i++) from = Append(body, from);
        int to = Add();
        if (repeat.Maximum == GrammarNode.Repeat.Unbounded)
        {
            places[from].Jumps.Add(to);
            places[Append(body, to)].Jumps.Add(to);
            return to;
        }

        for (int i = repeat.Minimum; i < repeat.Maximum; i++)
        {
            places[from].Jumps.Add(to);
            from = Append(body, from);
        }

        places[from].Jumps.Add(to);
        return to;
    }

    /// <summary>What is repeated often is laid out once and called.</summary>
    private GrammarNode.Rule AsRule(GrammarNode body)
    {
        if (!repeated.TryGetValue(body, out GrammarNode.Rule? rule)) repeated.Add(body, rule = new GrammarNode.Rule("a repeated part") { Body = body });
        return rule;
    }

    private int Append(GrammarNode.AfterTrigger after, int from)
    {
        TriggerAutomaton triggers = new(after.Triggers);
        int[] waiting = new int[triggers.Count];
        for (int i = 0; i < waiting.Length; i++) waiting[i] = Add();
        places[from].Jumps.Add(waiting[0]);
        int triggered = Add(), to = Append(after.Body, triggered);
        for (int i = 0; i < waiting.Length; i++)
        {
            places[waiting[i]].IsFree = true;
            places[waiting[i]].Jumps.Add(to);
            for (int first = 0, last; first < 256; first = last + 1)
            {
                int next = triggers.Next(i, (byte)first);
                last = first;
                while (last < 255 && triggers.Next(i, (byte)(last + 1)) == next) last++;
                places[waiting[i]].Bytes.Add(new ByteEdge((byte)first, (byte)last, next == TriggerAutomaton.Found ? triggered : waiting[next]));
            }
        }

        return to;
    }

    private static (byte[] ClassOf, byte[] Representatives) ByteClasses(List<Place> places)
    {
        bool[] begins = new bool[257];
        foreach (Place place in places)
            foreach (ByteEdge edge in place.Bytes) begins[edge.First] = begins[edge.Last + 1] = true;
        byte[] classOf = new byte[256];
        List<byte> representatives = [0];
        for (int value = 1; value < 256; value++)
        {
            if (begins[value]) representatives.Add((byte)value);
            classOf[value] = (byte)(representatives.Count - 1);
        }

        return (classOf, [.. representatives]);
    }
}
