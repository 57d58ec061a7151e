using System.Runtime.InteropServices;
using static Caravan.Inference.ByteAutomaton;

namespace Caravan.Inference;

/// <summary>Makes an automaton deterministic as far as texts lead into it (lazy subset construction over states with stacks).</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class StateTable
{
    /// <summary>Most ways a text may be read at once.</summary>
    public const int MostConfigurations = 2000;

    private readonly ByteAutomaton automaton;
    private readonly HashSet<AutomatonState> states = [];
    private readonly HashSet<Configuration> seen = [];
    private readonly List<Configuration> open = [], waiting = [];
    private bool canEnd, isFree;

    public StateTable(ByteAutomaton automaton)
    {
        this.automaton = automaton;
        Dead = new AutomatonState([], canEnd: false, isFree: false, automaton.Representatives.Length);
        Array.Fill(Dead.Next, Dead);
    }

    /// <summary>The state behind a byte that was not allowed.</summary>
    public AutomatonState Dead { get; }

    /// <summary>About how many bytes the states that are remembered take.</summary>
    public long Bytes { get; private set; }

    /// <summary>Ways of reading that were looked at so far: the measure of work.</summary>
    public long Work { get; private set; }

    /// <summary>Grows when everything is forgotten.</summary>
    public int Epoch { get; private set; }

    public AutomatonState Start()
    {
        Begin();
        Reach(new Configuration(automaton.Start, null));
        return Settle();
    }

    /// <summary>The state after one more byte.</summary>
    /// <exception cref="CaravanException">The grammar is too ambiguous here.</exception>
    public AutomatonState Next(AutomatonState state, byte value) => state.Next[automaton.ClassOf[value]] ?? FindNext(state, automaton.ClassOf[value]);

    /// <summary>The state after some bytes.</summary>
    /// <exception cref="CaravanException">The grammar is too ambiguous here.</exception>
    public AutomatonState Next(AutomatonState state, ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes) state = Next(state, value);
        return state;
    }

    /// <summary>Forgets all states; those still in use lead into new ones.</summary>
    public void Clear()
    {
        states.Clear();
        Bytes = 0;
        Epoch++;
    }

    /// <summary>The same state among those remembered now.</summary>
    public AutomatonState Renew(AutomatonState state) => state.Epoch == Epoch || state == Dead
        ? state
        : Remember(new AutomatonState(state.Configurations, state.CanEnd, state.IsFree, automaton.Representatives.Length) { Epoch = Epoch });

    private AutomatonState FindNext(AutomatonState state, byte byteClass)
    {
        byte value = automaton.Representatives[byteClass];
        Begin();
        foreach (Configuration configuration in state.Configurations)
            foreach (ByteEdge edge in automaton.Places[configuration.Place].Bytes)
                if (value >= edge.First && value <= edge.Last) Reach(new Configuration(edge.Target, configuration.Stack));
        return state.Next[byteClass] = Settle();
    }

    private void Begin()
    {
        seen.Clear();
        waiting.Clear();
        canEnd = isFree = false;
    }

    private void Reach(Configuration configuration)
    {
        if (!seen.Add(configuration)) return;
        if (seen.Count > 10 * MostConfigurations) throw TooAmbiguous();
        open.Add(configuration);
    }

    /// <summary>Follows everything that takes no byte, and looks the result up.</summary>
    private AutomatonState Settle()
    {
        while (open.Count > 0)
        {
            Configuration configuration = open[^1];
            open.RemoveAt(open.Count - 1);
            Work++;
            Place place = automaton.Places[configuration.Place];
            CallStack? stack = configuration.Stack;
            if (place.Bytes.Count > 0) waiting.Add(configuration);
            isFree |= place.IsFree;
            if (place.IsEnd && stack is null) canEnd = true;
            if (place.IsEnd && stack is not null) Reach(new Configuration(stack.Place, stack.Below));
            foreach (int target in place.Jumps) Reach(new Configuration(target, stack));
            foreach (Call call in place.Calls)
            {
                if (automaton.Places[call.Return].OnlyEnds) Reach(new Configuration(call.Start, stack));
                else if (stack is null || stack.Depth < CallStack.MostDepth) Reach(new Configuration(call.Start, new CallStack(call.Return, stack)));
            }
        }

        if (waiting.Count > MostConfigurations) throw TooAmbiguous();
        if (waiting.Count == 0 && !canEnd) return Dead;
        CollectionsMarshal.AsSpan(waiting).Sort();
        return Remember(new AutomatonState([.. waiting], canEnd, isFree, automaton.Representatives.Length) { Epoch = Epoch });
    }

    private AutomatonState Remember(AutomatonState state)
    {
        if (states.TryGetValue(state, out AutomatonState? known)) return known;
        states.Add(state);
        Bytes += 100 + 16 * state.Configurations.Length + 8 * state.Next.Length;
        return state;
    }

    private CaravanException TooAmbiguous()
    {
        open.Clear();
        return new CaravanException(
            $"The grammar is too ambiguous: a text can be read in more than {MostConfigurations} ways at once; let alternatives and repetitions begin with different characters.");
    }
}
