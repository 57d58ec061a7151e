namespace Caravan.Text;

/// <summary>A symbol of a word that is being merged: a link in a list, the units or bytes it covers, and its token.</summary>
internal struct MergeSymbol
{
    /// <summary>Index of the symbol before, or -1.</summary>
    public int Previous;

    /// <summary>Index of the symbol after, or -1.</summary>
    public int Next;

    /// <summary>Where the symbol begins.</summary>
    public int Start;

    /// <summary>Its length; 0 once it was merged into its left neighbour.</summary>
    public int Length;

    /// <summary>Its token, or -1.</summary>
    public int Id;
}

/// <summary>
/// The symbols of a word and the queue of possible merges, smallest key first: rank in the upper half, position in the lower, so that of
/// equal ranks the leftmost comes first. Merging n symbols takes n log n time.
/// </summary>
internal sealed class MergeBuffers
{
    private (ulong Key, ulong Check)[] heap = new (ulong, ulong)[64];
    private int count;

    /// <summary>The symbols.</summary>
    public MergeSymbol[] Symbols { get; private set; } = new MergeSymbol[64];

    /// <summary>The number of symbols.</summary>
    public int SymbolCount { get; private set; }

    /// <summary>Bytes of the word, for models that take bytes.</summary>
    public byte[] Bytes { get; set; } = new byte[64];

    /// <summary>Tokens of words seen before, for byte-level models.</summary>
    public Dictionary<string, int[]> Seen { get; } = new(StringComparer.Ordinal);

    /// <summary>Starts a word.</summary>
    public void Begin()
    {
        SymbolCount = 0;
        count = 0;
    }

    /// <summary>Adds a symbol at the end.</summary>
    public void AddSymbol(int start, int length, int id)
    {
        if (SymbolCount == Symbols.Length)
        {
            MergeSymbol[] larger = new MergeSymbol[SymbolCount * 2];
            Symbols.CopyTo(larger, 0);
            Symbols = larger;
        }

        Symbols[SymbolCount] = new MergeSymbol { Previous = SymbolCount - 1, Next = -1, Start = start, Length = length, Id = id };
        if (SymbolCount > 0) Symbols[SymbolCount - 1].Next = SymbolCount;
        SymbolCount++;
    }

    /// <summary>Takes the right neighbour of a symbol into it.</summary>
    public void Join(int left, int id)
    {
        ref MergeSymbol symbol = ref Symbols[left];
        ref MergeSymbol right = ref Symbols[symbol.Next];
        symbol.Length += right.Length;
        symbol.Id = id;
        symbol.Next = right.Next;
        right.Length = 0;
        if (right.Next >= 0) Symbols[right.Next].Previous = left;
    }

    /// <summary>Queues a merge; <paramref name="check"/> tells later whether it still applies.</summary>
    public void Push(ulong key, ulong check)
    {
        if (count == heap.Length) Array.Resize(ref heap, count * 2);
        int child = count++;
        while (child > 0)
        {
            int parent = (child - 1) >> 1;
            if (heap[parent].Key <= key) break;
            heap[child] = heap[parent];
            child = parent;
        }

        heap[child] = (key, check);
    }

    /// <summary>Takes the merge with the smallest key.</summary>
    public bool TryPop(out ulong key, out ulong check)
    {
        if (count == 0)
        {
            (key, check) = (0, 0);
            return false;
        }

        (key, check) = heap[0];
        (ulong Key, ulong Check) last = heap[--count];
        int parent = 0;
        for (int child = 1; child < count; child = parent * 2 + 1)
        {
            if (child + 1 < count && heap[child + 1].Key < heap[child].Key) child++;
            if (last.Key <= heap[child].Key) break;
            heap[parent] = heap[child];
            parent = child;
        }

        heap[parent] = last;
        return true;
    }
}
