using System.Text.Json;
using Caravan.Inference;

namespace Caravan.Server;

/// <summary>Keeps the grammars of the last requests: programs ask for the same forms again and again, and what is worked out for a grammar is kept with it.</summary>
internal sealed class GrammarCache
{
    private const int Most = 64;

    private readonly Lock gate = new();
    private readonly LinkedList<(string Key, Grammar Grammar)> recent = [];

    /// <summary>The grammar of a text in GBNF.</summary>
    /// <exception cref="CaravanException">It is none.</exception>
    public Grammar Gbnf(string text) => Find("g" + text, () => Grammar.Gbnf(text));

    /// <summary>The grammar of a regular expression.</summary>
    /// <exception cref="CaravanException">It is none.</exception>
    public Grammar Regex(string pattern) => Find("r" + pattern, () => Grammar.Regex(pattern));

    /// <summary>The grammar of a JSON schema.</summary>
    /// <exception cref="CaravanException">It is none, or has what cannot be enforced.</exception>
    public Grammar Schema(JsonElement schema) => Find("s" + schema.GetRawText(), () => Grammar.JsonSchema(schema));

    private Grammar Find(string key, Func<Grammar> make)
    {
        lock (gate)
        {
            for (LinkedListNode<(string Key, Grammar Grammar)>? node = recent.First; node is not null; node = node.Next)
            {
                if (node.Value.Key != key) continue;
                recent.Remove(node);
                recent.AddFirst(node);
                return node.Value.Grammar;
            }
        }

        Grammar made = make();
        lock (gate)
        {
            recent.AddFirst((key, made));
            if (recent.Count > Most) recent.RemoveLast();
        }

        return made;
    }
}
