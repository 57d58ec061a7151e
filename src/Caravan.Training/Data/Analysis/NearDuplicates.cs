using System.Runtime.InteropServices;

namespace Caravan.Training;

/// <summary>
/// Finds samples that are nearly the same as an earlier one that was kept. Candidates come from <see cref="MinHash"/>; each is then compared exactly.
/// Needs memory for the shingles of what is kept: 8 bytes for each word or character, and about 1 KB a sample.
/// </summary>
internal sealed class NearDuplicates
{
    private readonly Shingles shingles;
    private readonly double threshold;
    private readonly MinHash signatures;
    private readonly Dictionary<ulong, int>[] lastInBand;
    private readonly List<Entry> kept = [];
    private readonly ulong[] bands;

    /// <summary>An empty collection.</summary>
    /// <param name="shingles">By what samples are compared.</param>
    /// <param name="threshold">The Jaccard similarity from which on a sample is a duplicate: above 0, at most 1.</param>
    public NearDuplicates(Shingles shingles, double threshold)
    {
        (this.shingles, this.threshold) = (shingles, threshold);
        signatures = new MinHash(threshold);
        bands = new ulong[signatures.Bands];
        lastInBand = [.. bands.Select(_ => new Dictionary<ulong, int>())];
    }

    /// <summary>The probability with which a pair of this similarity is compared at all.</summary>
    public double Found(double similarity) => signatures.Found(similarity);

    /// <summary>Compares a sample with those that were kept. It is kept itself when it is no duplicate.</summary>
    /// <returns>The earlier sample that is most similar, and how similar; null when this one is kept.</returns>
    public (Origin Earlier, double Similarity)? Add(Sample sample)
    {
        ulong[] set = shingles.Of(sample);
        signatures.Sign(set, bands);
        (int best, double similarity) = Nearest(set);
        if (similarity >= threshold) return (kept[best].Origin, similarity);
        int[] previous = new int[bands.Length];
        for (int band = 0; band < bands.Length; band++)
        {
            ref int last = ref CollectionsMarshal.GetValueRefOrAddDefault(lastInBand[band], bands[band], out bool exists);
            previous[band] = exists ? last : -1;
            last = kept.Count;
        }

        kept.Add(new Entry(set, previous, sample.Origin));
        return null;
    }

    private (int Index, double Similarity) Nearest(ulong[] set)
    {
        (int best, double similarity) = (-1, -1);
        HashSet<int> compared = [];
        for (int band = 0; band < bands.Length; band++)
        {
            if (!lastInBand[band].TryGetValue(bands[band], out int candidate)) continue;
            for (; candidate >= 0; candidate = kept[candidate].Previous[band])
            {
                if (!compared.Add(candidate)) continue;
                double found = Shingles.Similarity(set, kept[candidate].Set);
                if (found > similarity || (found == similarity && candidate < best)) (best, similarity) = (candidate, found);
            }
        }

        return (best, similarity);
    }

    /// <summary>A sample that was kept.</summary>
    /// <param name="Set">Its shingles.</param>
    /// <param name="Previous">For each band the last sample before it with the same hash; −1 for none.</param>
    /// <param name="Origin">Where it stands.</param>
    private sealed record Entry(ulong[] Set, int[] Previous, Origin Origin);
}
