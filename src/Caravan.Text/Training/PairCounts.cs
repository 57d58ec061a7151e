using System.Runtime.InteropServices;

namespace Caravan.Text;

/// <summary>
/// Words as symbols, with how often every pair of neighbours occurs; kept right while pairs are merged, by looking only at the words that
/// have the pair.
/// </summary>
internal sealed class PairCounts
{
    private readonly List<int[]> words = [];
    private readonly List<long> frequencies = [];
    private readonly Dictionary<ulong, Pair> pairs = [];
    private readonly HashSet<ulong> born = [];

    // The most frequent first, of equals the one with the smaller ids. A count that has fallen since is found out when it is taken; one that rose is here again.
    private readonly PriorityQueue<ulong, (long Count, ulong Key)> queue = new(Comparer<(long Count, ulong Key)>.Create(
        (one, other) => one.Count != other.Count ? other.Count.CompareTo(one.Count) : one.Key.CompareTo(other.Key)));

    /// <summary>Adds a word.</summary>
    /// <param name="symbols">What it is made of.</param>
    /// <param name="frequency">How often it occurs.</param>
    public void Add(int[] symbols, long frequency)
    {
        words.Add(symbols);
        frequencies.Add(frequency);
        Count(words.Count - 1, frequency, symbol: null);
    }

    /// <summary>Takes out the most frequent pair, of equals the one with the smaller ids; no more when none is seen <paramref name="least"/> times.</summary>
    public bool TryTakeBest(long least, out int left, out int right)
    {
        Enqueue();
        while (queue.TryDequeue(out ulong key, out (long Count, ulong Key) order))
        {
            (left, right) = ((int)(key >> 32), (int)key);
            if (!pairs.TryGetValue(key, out Pair? pair) || pair.Count < least) continue;
            if (pair.Count == order.Count) return true;
            queue.Enqueue(key, (pair.Count, key));
        }

        (left, right) = (-1, -1);
        return false;
    }

    /// <summary>Puts one symbol in the place of a pair, wherever it occurs.</summary>
    public void Merge(int left, int right, int merged)
    {
        ulong key = MergeTable.Pair(left, right);
        if (!pairs.Remove(key, out Pair? taken)) return;
        foreach (int word in taken.Words)
        {
            int[] symbols = words[word];
            int[] joined = Joined(symbols, left, right, merged);
            if (joined.Length == symbols.Length) continue;
            Count(word, -frequencies[word], merged);
            words[word] = joined;
            Count(word, frequencies[word], merged);
        }
    }

    /// <summary>Adds to the counts of a word's pairs; those that are new, or have the symbol that is, remember the word.</summary>
    private void Count(int word, long frequency, int? symbol)
    {
        int[] symbols = words[word];
        for (int i = 1; i < symbols.Length; i++)
        {
            ulong key = MergeTable.Pair(symbols[i - 1], symbols[i]);
            // What is missing while counts go down is the pair that is being merged.
            if (frequency < 0 && !pairs.ContainsKey(key)) continue;
            ref Pair? pair = ref CollectionsMarshal.GetValueRefOrAddDefault(pairs, key, out _);
            pair ??= new Pair();
            pair.Count += frequency;
            if (frequency < 0 || (symbol is { } made && symbols[i - 1] != made && symbols[i] != made)) continue;
            if (pair.Words.Count == 0 || pair.Words[^1] != word) pair.Words.Add(word);
            born.Add(key);
        }
    }

    private void Enqueue()
    {
        foreach (ulong key in born) queue.Enqueue(key, (pairs[key].Count, key));
        born.Clear();
    }

    private static int[] Joined(int[] symbols, int left, int right, int merged)
    {
        Span<int> joined = symbols.Length <= 256 ? stackalloc int[symbols.Length] : new int[symbols.Length];
        int length = 0;
        for (int i = 0; i < symbols.Length; i++)
        {
            bool here = symbols[i] == left && i + 1 < symbols.Length && symbols[i + 1] == right;
            joined[length++] = here ? merged : symbols[i];
            if (here) i++;
        }

        return length == symbols.Length ? symbols : joined[..length].ToArray();
    }

    private sealed class Pair
    {
        public long Count { get; set; }

        public List<int> Words { get; } = [];
    }
}
