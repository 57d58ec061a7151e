namespace Caravan.Training;

/// <summary>Random numbers for a place in a run that depend on nothing but the seed and the place.</summary>
internal static class Seeds
{
    /// <summary>A generator for the place that these numbers name.</summary>
    public static SplitMix64 Of(ulong seed, params ReadOnlySpan<ulong> place)
    {
        foreach (ulong number in place) seed = new SplitMix64(new SplitMix64(seed).Next() ^ number).Next();
        return new SplitMix64(seed);
    }

    /// <summary>The numbers from 0 to <paramref name="count"/> − 1 in random order (Fisher and Yates).</summary>
    public static int[] Permutation(int count, SplitMix64 random)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        for (int i = count - 1; i > 0; i--)
        {
            int other = (int)(random.Next() % (ulong)(i + 1));
            (order[i], order[other]) = (order[other], order[i]);
        }

        return order;
    }
}
