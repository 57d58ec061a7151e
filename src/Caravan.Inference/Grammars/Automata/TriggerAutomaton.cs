namespace Caravan.Inference;

/// <summary>Finds the first of several byte strings (Aho, Corasick 1975). A state is the longest end of what was read that begins one of them.</summary>
internal sealed class TriggerAutomaton
{
    /// <summary>What <see cref="Next"/> gives when a string is complete.</summary>
    public const int Found = -1;

    private readonly List<int[]> next = [Unknown()];

    /// <exception cref="CaravanException">A string is empty.</exception>
    public TriggerAutomaton(IReadOnlyList<byte[]> strings)
    {
        foreach (byte[] text in strings)
        {
            if (text.Length == 0) throw new CaravanException("A trigger is empty, but must have at least one character.");
            Add(text);
        }

        Complete();
    }

    public int Count => next.Count;

    public int Next(int state, byte value) => next[state][value];

    private void Add(byte[] text)
    {
        int state = 0;
        for (int i = 0; i < text.Length && state != Found; i++)
        {
            ref int target = ref next[state][text[i]];
            if (i == text.Length - 1)
            {
                target = Found;
            }
            else if (target == None)
            {
                target = next.Count;
                next.Add(Unknown());
            }

            // next may have grown: look it up again.
            state = next[state][text[i]];
        }
    }

    /// <summary>Breadth first, so that the state to fall back to, which is nearer the root, is complete.</summary>
    private void Complete()
    {
        Queue<(int State, int Fallback)> queue = new();
        queue.Enqueue((0, 0));
        while (queue.TryDequeue(out (int State, int Fallback) item))
        {
            for (int value = 0; value < 256; value++)
            {
                ref int target = ref next[item.State][value];
                int fallback = item.State == 0 ? 0 : next[item.Fallback][value];
                if (target == None || fallback == Found) target = fallback;
                else if (target != Found) queue.Enqueue((target, fallback));
            }
        }
    }

    private const int None = -2;

    private static int[] Unknown()
    {
        int[] row = new int[256];
        Array.Fill(row, None);
        return row;
    }
}
