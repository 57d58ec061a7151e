using System.Runtime.CompilerServices;
using Caravan.Text;

namespace Caravan.Inference;

/// <summary>The texts of a vocabulary as a tree by their bytes, in preorder: one pass over it tries every token, and shares what they share.</summary>
internal sealed class TokenTrie
{
    private static readonly ConditionalWeakTable<Tokenizer, ConditionalWeakTable<IReadOnlySet<int>, TokenTrie>> Known = [];

    /// <summary>A byte behind those of its ancestors.</summary>
    /// <param name="Byte">The byte.</param>
    /// <param name="Depth">How many bytes came before it.</param>
    /// <param name="End">The node behind its descendants.</param>
    /// <param name="TokenEnd">Its tokens end here in <see cref="Tokens"/>, where they follow those of the node before it.</param>
    public readonly record struct Node(byte Byte, ushort Depth, int End, int TokenEnd);

    private TokenTrie(Tokenizer tokenizer, IReadOnlySet<int> controlTokens)
    {
        VocabularySize = tokenizer.VocabularySize;
        bool IsText(int id) => (!tokenizer.IsSpecial(id) || controlTokens.Contains(id)) && tokenizer.TokenBytes(id).Length > 0;
        int[] ids = [.. Enumerable.Range(0, VocabularySize).Where(id => IsText(id) && tokenizer.TokenBytes(id).Length < ushort.MaxValue)];
        Textless = [.. Enumerable.Range(0, VocabularySize).Where(id => !IsText(id))];
        Array.Sort(ids, (one, other) => tokenizer.TokenBytes(one).SequenceCompareTo(tokenizer.TokenBytes(other)) is var order and not 0 ? order : one - other);
        Tokens = ids;
        List<Node> nodes = [];
        Stack<int> path = new();
        byte[] spelled = new byte[ushort.MaxValue];
        for (int i = 0; i < ids.Length; i++)
        {
            ReadOnlySpan<byte> bytes = tokenizer.TokenBytes(ids[i]);
            int common = bytes.CommonPrefixLength(spelled.AsSpan(0, path.Count));
            Close(nodes, path, common);
            foreach (byte value in bytes[common..])
            {
                path.Push(nodes.Count);
                nodes.Add(new Node(value, (ushort)(path.Count - 1), 0, i));
            }

            nodes[^1] = nodes[^1] with { TokenEnd = i + 1 };
            bytes.CopyTo(spelled);
            Depth = Math.Max(Depth, bytes.Length);
        }

        Close(nodes, path, 0);
        Nodes = [.. nodes];
    }

    /// <summary>All nodes but the root, each before its descendants.</summary>
    public Node[] Nodes { get; }

    /// <summary>The tokens that are text, in the order of their nodes.</summary>
    public int[] Tokens { get; }

    /// <summary>The tokens that are no text: control tokens, and those without bytes.</summary>
    public int[] Textless { get; }

    /// <summary>Bytes of the longest token.</summary>
    public int Depth { get; }

    public int VocabularySize { get; }

    /// <summary>The trie of a tokenizer, made once, with control tokens that are text.</summary>
    public static TokenTrie Of(Tokenizer tokenizer, IReadOnlySet<int> controlTokens) =>
        Known.GetOrCreateValue(tokenizer).GetValue(controlTokens, set => new TokenTrie(tokenizer, set));

    private static void Close(List<Node> nodes, Stack<int> path, int depth)
    {
        while (path.Count > depth)
        {
            int node = path.Pop();
            nodes[node] = nodes[node] with { End = nodes.Count };
        }
    }
}
