namespace Caravan.Text;

/// <summary>Turns a vocabulary whose scores order the merges into the merges themselves, as Hugging Face's converter does.</summary>
internal static class ScoredMerges
{
    /// <summary>All cuts of all pieces into two pieces, best score first.</summary>
    public static (string Left, string Right)[] From(TokenizerDefinition definition)
    {
        Dictionary<string, int> ids = new(StringComparer.Ordinal);
        for (int i = 0; i < definition.Pieces.Length; i++)
            if (definition.Pieces[i].Kind is PieceKind.Normal or PieceKind.UserDefined or PieceKind.Unused) ids.TryAdd(definition.Pieces[i].Text, i);
        Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> lookup = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        List<(int Left, int Right, double Score)> cuts = [];
        foreach ((string text, int id) in ids.OrderBy(pair => pair.Value))
        {
            int first = cuts.Count;
            for (int i = 1; i < text.Length; i++)
                if (lookup.TryGetValue(text.AsSpan(0, i), out int left) && lookup.TryGetValue(text.AsSpan(i), out int right))
                    cuts.Add((left, right, definition.Pieces[id].Score));
            cuts.Sort(first, cuts.Count - first, Comparer<(int Left, int Right, double Score)>.Create((a, b) => (a.Left, a.Right).CompareTo((b.Left, b.Right))));
        }

        return [.. cuts.OrderByDescending(cut => cut.Score).Select(cut => (definition.Pieces[cut.Left].Text, definition.Pieces[cut.Right].Text))];
    }
}
