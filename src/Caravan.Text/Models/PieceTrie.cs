namespace Caravan.Text;

/// <summary>A set of texts (of UTF-16 units or of bytes) for finding all those that are a prefix of the rest of a text.</summary>
internal sealed class PieceTrie
{
    private ulong[] keys = new ulong[64];
    private int[] children = new int[64];
    private readonly List<int> values = [-1];

    /// <summary>The node no unit has been read at.</summary>
    public const int Root = 0;

    /// <summary>The value of a node, or -1 when no text ends there.</summary>
    public int ValueAt(int node) => values[node];

    /// <summary>Adds a text; the first value of a text counts.</summary>
    public void Add(ReadOnlySpan<char> text, int value)
    {
        int node = Root;
        foreach (char unit in text) node = Grow(node, unit);
        if (values[node] < 0) values[node] = value;
    }

    /// <summary>Adds bytes.</summary>
    public void Add(ReadOnlySpan<byte> bytes, int value)
    {
        int node = Root;
        foreach (byte unit in bytes) node = Grow(node, unit);
        if (values[node] < 0) values[node] = value;
    }

    /// <summary>The node after one more unit, or -1.</summary>
    public int Next(int node, int unit)
    {
        ulong key = Key(node, unit);
        int slot = Slot(key);
        return keys[slot] == key ? children[slot] : -1;
    }

    private static ulong Key(int node, int unit) => (((ulong)(uint)node << 16) | (uint)unit) + 1;

    private int Slot(ulong key)
    {
        int mask = keys.Length - 1;
        int slot = (int)(key * 0x9E3779B97F4A7C15 >> 32) & mask;
        while (keys[slot] != 0 && keys[slot] != key) slot = (slot + 1) & mask;
        return slot;
    }

    private int Grow(int node, int unit)
    {
        ulong key = Key(node, unit);
        int slot = Slot(key);
        if (keys[slot] == key) return children[slot];
        if (values.Count * 2 > keys.Length)
        {
            Enlarge();
            slot = Slot(key);
        }

        keys[slot] = key;
        children[slot] = values.Count;
        values.Add(-1);
        return children[slot];
    }

    private void Enlarge()
    {
        (ulong[] oldKeys, int[] oldChildren) = (keys, children);
        keys = new ulong[oldKeys.Length * 2];
        children = new int[oldKeys.Length * 2];
        for (int i = 0; i < oldKeys.Length; i++)
        {
            if (oldKeys[i] == 0) continue;
            int slot = Slot(oldKeys[i]);
            keys[slot] = oldKeys[i];
            children[slot] = oldChildren[i];
        }
    }
}
