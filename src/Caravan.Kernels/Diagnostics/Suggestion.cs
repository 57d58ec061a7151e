namespace Caravan;

/// <summary>Finds what a user probably meant when a name is not known.</summary>
internal static class Suggestion
{
    /// <summary>
    /// The <paramref name="count"/> candidates nearest to <paramref name="name"/> by edit distance, nearest first.
    /// Candidates further away than <paramref name="furthest"/> of the name's length are left out.
    /// </summary>
    public static IReadOnlyList<string> Nearest(string name, IEnumerable<string> candidates, int count = 3, double furthest = 2 / 3.0) =>
        [.. candidates
            .Select(candidate => (candidate, distance: Distance(name, candidate)))
            .Where(pair => pair.distance <= Math.Max(2, name.Length * furthest))
            .OrderBy(pair => pair.distance)
            .ThenBy(pair => pair.candidate, StringComparer.Ordinal)
            .Take(count)
            .Select(pair => pair.candidate)];

    /// <summary>A clause such as <c> Did you mean 'llama' or 'llama4'?</c>, or nothing when no candidate is so near that it may be a slip.</summary>
    public static string DidYouMean(string name, IEnumerable<string> candidates)
    {
        IReadOnlyList<string> nearest = Nearest(name, candidates, furthest: 1 / 3.0);
        return nearest.Count == 0 ? "" : $" Did you mean {string.Join(" or ", nearest.Select(n => $"'{n}'"))}?";
    }

    /// <summary>Levenshtein distance, ignoring case.</summary>
    private static int Distance(string a, string b)
    {
        int[] previous = new int[b.Length + 1];
        int[] current = new int[b.Length + 1];
        for (int j = 0; j <= b.Length; j++) previous[j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            current[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int substitution = previous[j - 1] + (char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1);
                current[j] = Math.Min(substitution, Math.Min(previous[j], current[j - 1]) + 1);
            }

            (previous, current) = (current, previous);
        }

        return previous[b.Length];
    }
}
