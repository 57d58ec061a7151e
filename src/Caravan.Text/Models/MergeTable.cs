namespace Caravan.Text;

/// <summary>From a pair of tokens to the rank of their merge and the token it gives; open addressing, read by many threads.</summary>
internal sealed class MergeTable
{
    private readonly ulong[] keys;
    private readonly int[] ranks;
    private readonly int[] results;
    private readonly int mask;

    /// <summary>Makes a table for a number of merges.</summary>
    public MergeTable(int count)
    {
        int size = 16;
        while (size < (long)count * 2) size *= 2;
        mask = size - 1;
        keys = new ulong[size];
        Array.Fill(keys, ulong.MaxValue);
        ranks = new int[size];
        results = new int[size];
    }

    /// <summary>Adds a merge unless the pair is there already: the first rank counts.</summary>
    public void Add(int left, int right, int rank, int result)
    {
        ulong key = Pair(left, right);
        int slot = Slot(key);
        if (keys[slot] == key) return;
        keys[slot] = key;
        ranks[slot] = rank;
        results[slot] = result;
    }

    /// <summary>Finds the merge of a pair.</summary>
    public bool TryFind(int left, int right, out int rank, out int result)
    {
        ulong key = Pair(left, right);
        int slot = Slot(key);
        rank = ranks[slot];
        result = results[slot];
        return keys[slot] == key;
    }

    /// <summary>A pair of tokens as one number.</summary>
    public static ulong Pair(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    private int Slot(ulong key)
    {
        ulong hash = key * 0x9E3779B97F4A7C15;
        int slot = (int)(hash >> 32) & mask;
        while (keys[slot] != key && keys[slot] != ulong.MaxValue) slot = (slot + 1) & mask;
        return slot;
    }
}
