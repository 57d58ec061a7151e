namespace Caravan.Inference;

/// <summary>Grammars that were asked for lately: clients send the same schema and the same functions again and again. Thread-safe.</summary>
internal sealed class GrammarCache
{
    private const int Most = 64;

    private readonly Lock gate = new();
    private readonly Dictionary<string, LinkedListNode<(string Key, Grammar Grammar)>> known = new(StringComparer.Ordinal);
    private readonly LinkedList<(string Key, Grammar Grammar)> byUse = new();

    /// <summary>The grammar of a description, made on first use.</summary>
    /// <param name="key">What it is made of, its kind included.</param>
    /// <param name="make">Makes it; may run twice when two ask at once.</param>
    public Grammar Get(string key, Func<Grammar> make)
    {
        lock (gate)
        {
            if (known.TryGetValue(key, out LinkedListNode<(string Key, Grammar Grammar)>? found))
            {
                byUse.Remove(found);
                byUse.AddFirst(found);
                return found.Value.Grammar;
            }
        }

        Grammar made = make();
        lock (gate)
        {
            if (known.TryGetValue(key, out LinkedListNode<(string Key, Grammar Grammar)>? other)) return other.Value.Grammar;
            known[key] = byUse.AddFirst((key, made));
            if (known.Count <= Most) return made;
            known.Remove(byUse.Last!.Value.Key);
            byUse.RemoveLast();
            return made;
        }
    }
}
