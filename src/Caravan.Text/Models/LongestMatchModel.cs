using System.Text;

namespace Caravan.Text;

/// <summary>At every byte the longest piece that matches (RWKV's "world" tokenizer; CPM-Bee).</summary>
internal sealed class LongestMatchModel : TextModel
{
    private readonly PieceTrie trie = new();
    private readonly int? unknown;
    private readonly bool fuses;

    /// <summary>Builds the trie; pieces are spelled with the escapes of a Python literal.</summary>
    public LongestMatchModel(TokenizerDefinition definition)
    {
        (unknown, fuses) = (definition.UnknownId, definition.FuseUnknown);
        for (int i = 0; i < definition.Pieces.Length; i++)
            if (definition.Pieces[i].Kind is PieceKind.Normal or PieceKind.UserDefined) trie.Add(PythonLiteral.Bytes(definition.Pieces[i].Text), i);
    }

    /// <inheritdoc/>
    public override void Encode(AlignedText text, int start, int end, MergeBuffers buffers, TokenSink sink)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text.Span[start..end].ToArray());
        ByteCursor cursor = new(text, start, end);
        int unknownFrom = -1, unknownTo = -1;
        for (int i = 0; i < bytes.Length;)
        {
            int node = PieceTrie.Root, id = -1, taken = 1;
            for (int j = i; j < bytes.Length && (node = trie.Next(node, bytes[j])) >= 0; j++)
                if (trie.ValueAt(node) >= 0) (id, taken) = (trie.ValueAt(node), j + 1 - i);
            (int from, int to) = cursor.Advance(taken);
            i += taken;
            if (id >= 0 || !fuses) FlushUnknown();
            if (id >= 0) sink.Add(id, text, from, to);
            else (unknownFrom, unknownTo) = (unknownFrom < 0 ? from : unknownFrom, to);
        }

        FlushUnknown();

        void FlushUnknown()
        {
            if (unknownFrom >= 0 && unknown is { } missing) sink.Add(missing, text, unknownFrom, unknownTo);
            unknownFrom = -1;
        }
    }
}
