namespace Caravan.Text;

/// <summary>
/// Finds the merges behind a vocabulary of ranks. Tiktoken joins the two neighbours whose joined bytes have the least rank. No join is ever undone, so the
/// parts that a piece is joined from are the two that its bytes alone come to with lower ranks, in every text.
/// </summary>
internal static class RankedMerges
{
    /// <summary>The merges, best first; a piece that lower ranks do not lead to in two parts has none, and is found whole only.</summary>
    /// <param name="pieces">Spelled in GPT-2's characters; the index is the rank.</param>
    public static (string Left, string Right)[] Of(string[] pieces)
    {
        Dictionary<string, int> ranks = new(pieces.Length, StringComparer.Ordinal);
        for (int rank = 0; rank < pieces.Length; rank++) ranks.TryAdd(pieces[rank], rank);
        Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> lookup = ranks.GetAlternateLookup<ReadOnlySpan<char>>();
        List<(string, string)> merges = new(pieces.Length);
        List<(int Start, int Rank)> parts = [];
        for (int rank = 0; rank < pieces.Length; rank++)
        {
            string piece = pieces[rank];
            if (piece.Length < 2) continue;
            Join(piece, rank, lookup, parts);
            if (parts.Count == 3) merges.Add((piece[..parts[1].Start], piece[parts[1].Start..]));
        }

        return [.. merges];
    }

    /// <summary>
    /// Joins the bytes of a piece as far as ranks below <paramref name="limit"/> lead. Each part has the rank that it comes to with the one behind it; the
    /// last one is empty.
    /// </summary>
    private static void Join(string piece, int limit, Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> ranks, List<(int Start, int Rank)> parts)
    {
        int RankAt(int place)
        {
            if (place + 2 >= parts.Count) return limit;
            int start = parts[place].Start;
            return ranks.TryGetValue(piece.AsSpan(start, parts[place + 2].Start - start), out int rank) ? rank : limit;
        }

        parts.Clear();
        for (int i = 0; i <= piece.Length; i++) parts.Add((i, limit));
        for (int i = 0; i + 2 < parts.Count; i++) parts[i] = (i, RankAt(i));
        while (parts.Count > 3)
        {
            int best = 0;
            for (int i = 1; i < parts.Count; i++)
                if (parts[i].Rank < parts[best].Rank) best = i;
            if (parts[best].Rank >= limit) return;
            parts.RemoveAt(best + 1);
            parts[best] = (parts[best].Start, RankAt(best));
            if (best > 0) parts[best - 1] = (parts[best - 1].Start, RankAt(best - 1));
        }
    }
}
