namespace Caravan.Training;

/// <summary>How often each length occurs. Exact, and small: there are far fewer lengths than samples.</summary>
internal sealed class LengthCounts
{
    private readonly SortedDictionary<int, long> counts = [];

    /// <summary>How many lengths were added.</summary>
    public long Count { get; private set; }

    /// <summary>Their sum.</summary>
    public long Total { get; private set; }

    /// <summary>The greatest; 0 when there is none.</summary>
    public int Longest => counts.Count == 0 ? 0 : counts.Keys.Last();

    /// <summary>Their mean; 0 when there is none.</summary>
    public double Mean => Count == 0 ? 0 : (double)Total / Count;

    /// <summary>Adds a length.</summary>
    public void Add(int length)
    {
        counts[length] = counts.GetValueOrDefault(length) + 1;
        Count++;
        Total += length;
    }

    /// <summary>The least length that at least this share of all does not exceed (nearest rank); 0 when there is none.</summary>
    /// <param name="share">From 0 to 1.</param>
    public int Percentile(double share)
    {
        long rank = Math.Max(1, (long)Math.Ceiling(share * Count)), seen = 0;
        foreach ((int length, long count) in counts)
            if ((seen += count) >= rank) return length;
        return 0;
    }

    /// <summary>How many are longer than this.</summary>
    public long Above(int length) => counts.Where(pair => pair.Key > length).Sum(pair => pair.Value);

    /// <summary>How many lie in ranges that double: up to 16, up to 32 and so on, as far as there are any.</summary>
    public IReadOnlyList<(int UpTo, long Count)> Histogram()
    {
        List<(int, long)> bars = [];
        long before = 0;
        for (long bound = 16; before < Count; bound *= 2)
        {
            int upTo = (int)Math.Min(bound, int.MaxValue);
            long within = Count - Above(upTo);
            if (bars.Count > 0 || within > 0) bars.Add((upTo, within - before));
            before = within;
        }

        return bars;
    }
}
