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
        List<int> cuts = [];
        for (int rank = 0; rank < pieces.Length; rank++)
        {
            string piece = pieces[rank];
            if (piece.Length < 2) continue;
            Join(piece, rank, lookup, cuts);
            if (cuts.Count == 3) merges.Add((piece[..cuts[1]], piece[cuts[1]..]));
        }

        return [.. merges];
    }

    /// <summary>Joins the bytes of a piece as far as ranks below <paramref name="limit"/> lead; the parts lie between the cuts.</summary>
    private static void Join(string piece, int limit, Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> ranks, List<int> cuts)
    {
        cuts.Clear();
        for (int i = 0; i <= piece.Length; i++) cuts.Add(i);
        while (cuts.Count > 3)
        {
            int best = limit, place = -1;
            for (int i = 0; i + 2 < cuts.Count; i++)
                if (ranks.TryGetValue(piece.AsSpan(cuts[i], cuts[i + 2] - cuts[i]), out int rank) && rank < best) (best, place) = (rank, i);
            if (place < 0) return;
            cuts.RemoveAt(place + 1);
        }
    }
}
