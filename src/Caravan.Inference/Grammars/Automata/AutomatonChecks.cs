using static Caravan.Inference.ByteAutomaton;

namespace Caravan.Inference;

/// <summary>What must hold of an automaton: from every state left in it a text can be completed, and no rule begins with itself.</summary>
internal sealed class AutomatonChecks(List<Place> places, Dictionary<GrammarNode.Rule, int> starts)
{
    /// <summary>Refuses rules that can come back to themselves before a byte was read: the automaton would never come to rest.</summary>
    /// <exception cref="CaravanException">A rule begins with itself.</exception>
    public void RefuseLeftRecursion()
    {
        bool[] nullable = ThatReachEnds(byBytes: false);
        Dictionary<int, HashSet<int>> begins = [];
        foreach (int start in starts.Values) begins.Add(start, CallsAtTheBeginning(start, nullable));
        // Rules whose callees are all settled are settled; what remains when nothing more can be settled goes in circles.
        Dictionary<int, int> open = begins.ToDictionary(pair => pair.Key, pair => pair.Value.Count);
        ILookup<int, int> callers = begins.SelectMany(pair => pair.Value.Select(callee => (callee, pair.Key))).ToLookup(pair => pair.callee, pair => pair.Key);
        Stack<int> settled = new(open.Where(pair => pair.Value == 0).Select(pair => pair.Key));
        while (settled.TryPop(out int rule))
        {
            open.Remove(rule);
            foreach (int caller in callers[rule])
                if (--open[caller] == 0) settled.Push(caller);
        }

        if (open.Count == 0) return;
        int circling = open.Keys.First();
        for (HashSet<int> seen = []; seen.Add(circling);) circling = begins[circling].First(open.ContainsKey);
        string name = starts.First(pair => pair.Value == circling).Key.Name;
        throw new CaravanException($"The grammar's rule '{name}' begins with itself (left recursion), which never comes to a character; let it begin with something else.");
    }

    /// <summary>Takes out all edges behind which no text can be completed.</summary>
    /// <exception cref="CaravanException">Nothing is left.</exception>
    public void RemoveDeadEnds(int start)
    {
        bool[] ends = ThatReachEnds(byBytes: true);
        if (!ends[start]) throw new CaravanException("The grammar allows no text at all: every way through it goes on without end or asks for the impossible.");
        foreach (Place place in places)
        {
            place.Bytes.RemoveAll(edge => !ends[edge.Target]);
            place.Jumps.RemoveAll(target => !ends[target]);
            place.Calls.RemoveAll(call => !ends[call.Start] || !ends[call.Return]);
        }
    }

    /// <summary>A rule called where the caller has nothing left to do needs no way back: recursion at the end takes no memory.</summary>
    public void MarkPlacesThatOnlyEnd()
    {
        // The states a jump leads to were mostly added later than where it starts.
        for (bool changed = true; changed;)
        {
            changed = false;
            for (int i = places.Count - 1; i >= 0; i--)
            {
                Place place = places[i];
                if (place.OnlyEnds || place.Bytes.Count > 0 || place.Calls.Count > 0) continue;
                if (place.IsEnd ? place.Jumps.Count > 0 : place.Jumps.Count != 1 || !places[place.Jumps[0]].OnlyEnds) continue;
                changed = place.OnlyEnds = true;
            }
        }
    }

    private HashSet<int> CallsAtTheBeginning(int start, bool[] nullable)
    {
        HashSet<int> calls = [], seen = [start];
        Stack<int> open = new([start]);
        while (open.TryPop(out int place))
        {
            foreach (int target in places[place].Jumps)
                if (seen.Add(target)) open.Push(target);
            foreach (Call call in places[place].Calls)
            {
                calls.Add(call.Start);
                if (nullable[call.Start] && seen.Add(call.Return)) open.Push(call.Return);
            }
        }

        return calls;
    }

    /// <summary>The states from which their rule's end can be reached, by bytes or by nothing at all. Goes backwards from the ends.</summary>
    private bool[] ThatReachEnds(bool byBytes)
    {
        List<int>[] sources = new List<int>[places.Count];
        // A call leads on as soon as both the rule's start and the state behind it are known to reach an end.
        List<(int Source, int Other)>[] calls = new List<(int, int)>[places.Count];
        for (int i = 0; i < places.Count; i++)
        {
            foreach (int target in places[i].Jumps) (sources[target] ??= []).Add(i);
            if (byBytes)
                foreach (ByteEdge edge in places[i].Bytes) (sources[edge.Target] ??= []).Add(i);
            foreach (Call call in places[i].Calls)
            {
                (calls[call.Start] ??= []).Add((i, call.Return));
                (calls[call.Return] ??= []).Add((i, call.Start));
            }
        }

        bool[] reaches = new bool[places.Count];
        Stack<int> open = new();
        for (int i = 0; i < places.Count; i++)
            if (places[i].IsEnd) Reach(i);
        while (open.TryPop(out int place))
        {
            foreach (int source in sources[place] ?? []) Reach(source);
            foreach ((int source, int other) in calls[place] ?? [])
                if (reaches[other]) Reach(source);
        }

        return reaches;

        void Reach(int place)
        {
            if (reaches[place]) return;
            reaches[place] = true;
            open.Push(place);
        }
    }
}
