using System.Text;

namespace Caravan.Text;

/// <summary>
/// The cut of the text whose pieces have the greatest sum of log probabilities, found by the Viterbi recursion.
/// A character that is no piece counts as unknown, ten below the least score. Source: Kudo 2018; SentencePiece's unigram_model.
/// </summary>
internal sealed class UnigramModel : TextModel
{
    private const double UnknownPenalty = 10;
    private readonly TokenizerDefinition definition;
    private readonly PieceTrie trie = new();
    private readonly double unknownScore;
    private readonly int unknown;
    private readonly int[]? fallback;

    /// <summary>Builds the trie.</summary>
    public UnigramModel(TokenizerDefinition definition)
    {
        this.definition = definition;
        double least = double.PositiveInfinity;
        for (int i = 0; i < definition.Pieces.Length; i++)
        {
            Piece piece = definition.Pieces[i];
            if (piece.Kind == PieceKind.Normal) least = Math.Min(least, piece.Score);
            if (piece.Kind is PieceKind.Normal or PieceKind.UserDefined or PieceKind.Unused) trie.Add(piece.Text, i);
        }

        unknownScore = (double.IsFinite(least) ? least : 0) - UnknownPenalty;
        unknown = definition.UnknownId ?? throw new CaravanException(
            $"'{definition.Source}' holds a Unigram vocabulary without an unknown token (unk_id); name one, since some character is always missing.");
        fallback = definition.ByteFallback ? ByteTokens(definition.IdsByText()) : null;
    }

    /// <inheritdoc/>
    public override void Encode(AlignedText text, int start, int end, MergeBuffers buffers, TokenSink sink)
    {
        ReadOnlySpan<char> word = text.Span[start..end];
        double[] scores = new double[word.Length + 1];
        (int From, int Id)[] best = new (int, int)[word.Length + 1];
        Array.Fill(scores, double.NegativeInfinity, 1, word.Length);
        for (int i = 0, length; i < word.Length; i += length)
        {
            UnicodeProperties.CodePointAt(word, i, out length);
            bool single = false;
            int node = PieceTrie.Root;
            for (int j = i; j < word.Length; j++)
            {
                node = trie.Next(node, word[j]);
                if (node < 0) break;
                int id = trie.ValueAt(node);
                if (id < 0) continue;
                single |= j + 1 - i == length;
                Offer(scores, best, i, j + 1, id, definition.Pieces[id].Kind == PieceKind.UserDefined ? 0 : definition.Pieces[id].Score);
            }

            if (!single) Offer(scores, best, i, i + length, unknown, unknownScore);
        }

        Emit(text, start, word.Length, best, sink);
    }

    private static void Offer(double[] scores, (int From, int Id)[] best, int from, int to, int id, double score)
    {
        if (scores[from] + score <= scores[to]) return;
        scores[to] = scores[from] + score;
        best[to] = (from, id);
    }

    private void Emit(AlignedText text, int start, int length, (int From, int Id)[] best, TokenSink sink)
    {
        Stack<(int From, int To, int Id)> path = new();
        for (int to = length; to > 0; to = best[to].From)
        {
            (int from, int id) = best[to];
            // Unknown characters in a row are one unknown token.
            if (id == unknown && path.TryPeek(out (int From, int To, int Id) last) && last.Id == unknown) path.Push(path.Pop() with { From = from });
            else path.Push((from, to, id));
        }

        foreach ((int from, int to, int id) in path)
        {
            if (id == unknown && fallback is not null) EmitBytes(text, start + from, start + to, sink);
            else sink.Add(id, text, start + from, start + to);
        }
    }

    private void EmitBytes(AlignedText text, int from, int to, TokenSink sink)
    {
        Span<byte> bytes = stackalloc byte[4];
        for (int i = from, length; i < to; i += length)
        {
            int count = new Rune(UnicodeProperties.CodePointAt(text.Span[..to], i, out length)).EncodeToUtf8(bytes);
            foreach (byte one in bytes[..count]) sink.Add(fallback![one], text, i, i + length);
        }
    }
}
