namespace Caravan.Inference;

/// <summary>
/// Finds any of several strings in one pass over the text (Aho, Corasick 1975). A state is the longest end of the text read so far that begins
/// one of the strings; state 0 is the empty one.
/// </summary>
internal sealed class StopAutomaton
{
    private readonly List<State> states = [new State()];

    /// <summary>Builds the states of the given strings, none of them empty.</summary>
    public StopAutomaton(IReadOnlyList<string> stops)
    {
        for (int i = 0; i < stops.Count; i++) Add(stops[i], i);
        LinkFailures();
    }

    /// <summary>The state after one more character.</summary>
    public int Next(int state, char symbol)
    {
        int next = Child(state, symbol);
        while (next == 0 && state != 0)
        {
            state = states[state].Failure;
            next = Child(state, symbol);
        }

        return next;
    }

    /// <summary>How many characters at the end of the text may still grow into one of the strings.</summary>
    public int Depth(int state) => states[state].Depth;

    /// <summary>The index of the longest string that ends here, or -1.</summary>
    public int Match(int state) => states[state].Match;

    private void Add(string stop, int index)
    {
        int state = 0;
        foreach (char symbol in stop)
        {
            int child = Child(state, symbol);
            if (child == 0)
            {
                child = states.Count;
                states.Add(new State { Symbol = symbol, Depth = states[state].Depth + 1, Parent = state, NextSibling = states[state].FirstChild });
                states[state].FirstChild = child;
            }

            state = child;
        }

        if (states[state].Match < 0) states[state].Match = index;
    }

    private void LinkFailures()
    {
        // A failure link leads to a shorter string, so going by length finds every link it needs already in place.
        foreach (State state in states.Skip(1).OrderBy(state => state.Depth))
        {
            state.Failure = state.Depth == 1 ? 0 : Next(states[state.Parent].Failure, state.Symbol);
            if (state.Match < 0) state.Match = states[state.Failure].Match;
        }
    }

    private int Child(int state, char symbol)
    {
        int child = states[state].FirstChild;
        while (child != 0 && states[child].Symbol != symbol) child = states[child].NextSibling;
        return child;
    }

    private sealed class State
    {
        public char Symbol { get; init; }

        public int Depth { get; init; }

        public int Parent { get; init; }

        public int NextSibling { get; init; }

        public int FirstChild { get; set; }

        public int Failure { get; set; }

        public int Match { get; set; } = -1;
    }
}
