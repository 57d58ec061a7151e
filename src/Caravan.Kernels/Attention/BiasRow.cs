namespace Caravan.Kernels;

/// <summary>Where in a table of biases those of one head's query are, at the place of key 0.</summary>
/// <param name="Inside">For the keys of its part, from <paramref name="First"/> to before <paramref name="End"/>.</param>
/// <param name="Apart">For all others.</param>
/// <param name="First">The position of the part's first key.</param>
/// <param name="End">One past that of its last.</param>
internal readonly record struct BiasRow(long Inside, long Apart, int First, int End)
{
    /// <summary>Which of the places from <paramref name="from"/> to before <paramref name="to"/>, counted from key <paramref name="start"/>, are of the query's part.</summary>
    public (int First, int End) Inner(int start, int from, int to)
    {
        int first = Math.Clamp(First - start, from, to);
        return (first, Math.Clamp(End - start, first, to));
    }
}
