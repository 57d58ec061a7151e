namespace Caravan.Text;

/// <summary>BERT's: the longest piece that begins the word, then the longest that continues it; a word that does not work out is unknown.</summary>
internal sealed class WordPieceModel : TextModel
{
    private readonly TokenizerDefinition definition;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> lookup;
    private readonly int unknown;

    /// <summary>Builds the tables.</summary>
    public WordPieceModel(TokenizerDefinition definition)
    {
        this.definition = definition;
        lookup = definition.PlainIdsByText().GetAlternateLookup<ReadOnlySpan<char>>();
        unknown = definition.UnknownId ?? throw new CaravanException(
            $"'{definition.Source}' holds a WordPiece vocabulary without an unknown token such as [UNK]; name one, since some word is always missing.");
    }

    /// <inheritdoc/>
    public override void Encode(AlignedText text, int start, int end, MergeBuffers buffers, TokenSink sink)
    {
        int first = sink.Ids.Count, firstOffset = sink.Offsets.Count;
        if (Count(text.Span[start..end]) <= definition.MaximumWordLength && Cut(text, start, end, sink)) return;
        sink.Ids.RemoveRange(first, sink.Ids.Count - first);
        sink.Offsets.RemoveRange(firstOffset, sink.Offsets.Count - firstOffset);
        sink.Add(unknown, text, start, end);
    }

    private static int Count(ReadOnlySpan<char> word)
    {
        int count = 0;
        foreach (char unit in word) count += char.IsLowSurrogate(unit) ? 0 : 1;
        return count;
    }

    private bool Cut(AlignedText text, int start, int end, TokenSink sink)
    {
        string prefix = definition.SubwordPrefix;
        char[] candidate = new char[prefix.Length + end - start];
        prefix.CopyTo(candidate);
        for (int from = start; from < end;)
        {
            int to = end, id = -1;
            for (; to > from; to--)
            {
                text.Span[from..to].CopyTo(candidate.AsSpan(prefix.Length));
                int skip = from == start ? prefix.Length : 0;
                if (lookup.TryGetValue(candidate.AsSpan(skip, prefix.Length - skip + to - from), out id)) break;
            }

            if (to == from) return false;
            sink.Add(id, text, from, to);
            from = to;
        }

        return true;
    }
}

/// <summary>Every segment is one token, or unknown.</summary>
internal sealed class WordLevelModel(TokenizerDefinition definition) : TextModel
{
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> lookup =
        definition.PlainIdsByText().GetAlternateLookup<ReadOnlySpan<char>>();

    /// <inheritdoc/>
    public override void Encode(AlignedText text, int start, int end, MergeBuffers buffers, TokenSink sink)
    {
        if (lookup.TryGetValue(text.Span[start..end], out int id)) sink.Add(id, text, start, end);
        else if (definition.UnknownId is { } unknown) sink.Add(unknown, text, start, end);
    }
}
