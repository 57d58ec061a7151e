namespace Caravan.Training;

/// <summary>Lists cut into pieces that fit into memory.</summary>
internal static class Portions
{
    /// <summary>Pieces in order, none heavier than a limit unless one item alone is.</summary>
    /// <param name="items">What is cut.</param>
    /// <param name="weight">What an item weighs.</param>
    /// <param name="limit">The most that a piece weighs.</param>
    public static IEnumerable<IReadOnlyList<T>> Of<T>(IReadOnlyList<T> items, Func<T, int> weight, int limit)
    {
        List<T> portion = [];
        long total = 0;
        foreach (T item in items)
        {
            int own = weight(item);
            if (portion.Count > 0 && total + own > limit)
            {
                yield return portion;
                (portion, total) = ([], 0);
            }

            portion.Add(item);
            total += own;
        }

        if (portion.Count > 0) yield return portion;
    }
}
