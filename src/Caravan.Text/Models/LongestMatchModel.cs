using System.Text;

namespace Caravan.Text;

/// <summary>RWKV's "world" tokenizer: at every byte the longest piece that matches.</summary>
internal sealed class LongestMatchModel : TextModel
{
    private readonly PieceTrie trie = new();
    private readonly int? unknown;

    /// <summary>Builds the trie; pieces are spelled with the escapes of a Python literal.</summary>
    public LongestMatchModel(TokenizerDefinition definition)
    {
        unknown = definition.UnknownId;
        for (int i = 0; i < definition.Pieces.Length; i++)
            if (definition.Pieces[i].Kind is PieceKind.Normal or PieceKind.UserDefined) trie.Add(PythonLiteral.Bytes(definition.Pieces[i].Text), i);
    }

    /// <inheritdoc/>
    public override void Encode(AlignedText text, int start, int end, MergeBuffers buffers, TokenSink sink)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text.Span[start..end].ToArray());
        ByteCursor cursor = new(text, start, end);
        for (int i = 0; i < bytes.Length;)
        {
            int node = PieceTrie.Root, id = -1, taken = 1;
            for (int j = i; j < bytes.Length && (node = trie.Next(node, bytes[j])) >= 0; j++)
                if (trie.ValueAt(node) >= 0) (id, taken) = (trie.ValueAt(node), j + 1 - i);
            (int from, int to) = cursor.Advance(taken);
            if (id >= 0) sink.Add(id, text, from, to);
            else if (unknown is { } missing) sink.Add(missing, text, from, to);
            i += taken;
        }
    }
}
