namespace Caravan.Training;

/// <summary>
/// Short signatures of sets: two sets agree at each place with the probability of their Jaccard similarity (Broder 1997). Places are put together in
/// bands; sets that agree in a whole band are candidates (Leskovec, Rajaraman, Ullman, "Mining of Massive Datasets", section 3.4).
/// </summary>
internal sealed class MinHash
{
    private readonly ulong[] factors, terms;
    private readonly int rows;

    /// <summary>Signatures whose bands find pairs around a similarity.</summary>
    /// <param name="threshold">The similarity that is looked for.</param>
    /// <param name="places">How long a signature is.</param>
    public MinHash(double threshold, int places = 128)
    {
        rows = RowsFor(threshold, places);
        Bands = places / rows;
        SplitMix64 random = new(1);
        (factors, terms) = (new ulong[Bands * rows], new ulong[Bands * rows]);
        for (int i = 0; i < factors.Length; i++) (factors[i], terms[i]) = (random.Next() | 1, random.Next());
    }

    /// <summary>Number of bands.</summary>
    public int Bands { get; }

    /// <summary>The probability that two sets of this similarity are found: 1 − (1 − s^r)^b.</summary>
    public double Found(double similarity) => 1 - Math.Pow(1 - Math.Pow(similarity, rows), Bands);

    /// <summary>A hash of each band of a set's signature.</summary>
    /// <param name="set">Hashes of its members.</param>
    /// <param name="bands">Filled with <see cref="Bands"/> hashes.</param>
    public void Sign(ReadOnlySpan<ulong> set, Span<ulong> bands)
    {
        for (int band = 0; band < Bands; band++)
        {
            ulong hash = Hash64.Seed;
            for (int place = band * rows; place < (band + 1) * rows; place++)
            {
                (ulong factor, ulong term) = (factors[place], terms[place]);
                ulong least = ulong.MaxValue;
                // The members are hashes already, so that a multiplication orders them anew; its upper bits count.
                foreach (ulong member in set) least = Math.Min(least, (member * factor) + term);
                hash = Hash64.Add(hash, least);
            }

            bands[band] = hash;
        }
    }

    /// <summary>As many rows in a band as leave at least 19 of 20 pairs at the threshold to be found.</summary>
    private static int RowsFor(double threshold, int places)
    {
        int rows = 1;
        while (rows < places && 1 - Math.Pow(1 - Math.Pow(threshold, rows + 1), places / (rows + 1)) >= 0.95) rows++;
        return rows;
    }
}
