namespace Caravan.Inference;

/// <summary>Partial rankings: they find where a ranking is cut without sorting the vocabulary.</summary>
internal static class Selection
{
    /// <summary>
    /// Puts the best values of a row (those above negative infinity, as many as the heap holds) into <paramref name="heap"/>, the worst of them
    /// first, and returns how many there are.
    /// </summary>
    public static int Best(ReadOnlySpan<float> row, Span<Candidate> heap)
    {
        int count = 0;
        // A later value equal to the worst kept one has the higher id and ranks behind it, so only greater ones enter a full heap.
        float threshold = float.NegativeInfinity;
        for (int id = LogitMath.NextAbove(row, 0, threshold); id < row.Length; id = LogitMath.NextAbove(row, id + 1, threshold))
        {
            Candidate candidate = new(row[id], id, 0);
            if (count < heap.Length)
            {
                heap[count++] = candidate;
                if (count < heap.Length) continue;
                for (int parent = count / 2 - 1; parent >= 0; parent--) SiftDown(heap, parent, heap[parent]);
            }
            else
            {
                SiftDown(heap, 0, candidate);
            }

            threshold = (float)heap[0].Key;
        }

        for (int parent = count < heap.Length ? count / 2 - 1 : -1; parent >= 0; parent--) SiftDown(heap[..count], parent, heap[parent]);
        return count;
    }

    /// <summary>
    /// The last candidate of the smallest leading part of the ranking whose weights sum to <paramref name="target"/> or more (at least one
    /// candidate), or null when all together stay below it. Reorders the candidates; expected time is linear.
    /// </summary>
    public static Candidate? LastOfMass(Span<Candidate> candidates, double target)
    {
        const int SmallEnoughToSort = 32;
        double before = 0;
        // Sums taken in another order may differ in the last bit, so a target once seen to be reached is not asked for again.
        bool reached = false;
        Candidate last = default;
        int rounds = 2 * (32 - int.LeadingZeroCount(candidates.Length));
        while (candidates.Length > SmallEnoughToSort && rounds-- > 0)
        {
            int middle = Partition(candidates, out double massAhead);
            if (before + massAhead >= target && middle > 0)
            {
                reached = true;
                candidates = candidates[..middle];
                continue;
            }

            last = candidates[middle];
            before += massAhead + last.Weight;
            if (before >= target) return last;
            candidates = candidates[(middle + 1)..];
        }

        candidates.Sort();
        foreach (Candidate candidate in candidates)
        {
            last = candidate;
            before += last.Weight;
            if (before >= target) return last;
        }

        return reached ? last : null;
    }

    /// <summary>
    /// Moves everything that ranks before a pivot (the median of the first, middle and last candidate) in front of it; returns the pivot's place.
    /// </summary>
    private static int Partition(Span<Candidate> candidates, out double massAhead)
    {
        ref Candidate last = ref candidates[^1];
        ref Candidate middle = ref candidates[candidates.Length / 2];
        ref Candidate first = ref candidates[0];
        if (middle.Before(first)) (first, middle) = (middle, first);
        if (last.Before(first)) (first, last) = (last, first);
        if (middle.Before(last)) (middle, last) = (last, middle);

        Candidate pivot = last;
        int ahead = 0;
        massAhead = 0;
        for (int i = 0; i < candidates.Length - 1; i++)
        {
            if (!candidates[i].Before(pivot)) continue;
            massAhead += candidates[i].Weight;
            (candidates[ahead], candidates[i]) = (candidates[i], candidates[ahead]);
            ahead++;
        }

        (candidates[ahead], last) = (last, candidates[ahead]);
        return ahead;
    }

    /// <summary>Places a candidate at or below a node so that no node ranks behind its children; the root is then the worst of all.</summary>
    private static void SiftDown(Span<Candidate> heap, int node, Candidate candidate)
    {
        for (int child = 2 * node + 1; child < heap.Length; child = 2 * node + 1)
        {
            if (child + 1 < heap.Length && heap[child].Before(heap[child + 1])) child++;
            if (!candidate.Before(heap[child])) break;
            heap[node] = heap[child];
            node = child;
        }

        heap[node] = candidate;
    }
}
