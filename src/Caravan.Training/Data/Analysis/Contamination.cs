using System.Runtime.InteropServices;

namespace Caravan.Training;

/// <summary>
/// Finds stretches of words of an evaluation in training data (Brown et al. 2020, "Language Models are Few-Shot Learners", appendix C): stretches of 13
/// words, or whole texts of 8 words and more that are shorter.
/// </summary>
internal sealed class Contamination
{
    /// <summary>Words of a stretch, as in GPT-3's check.</summary>
    public const int UsualWords = 13;

    /// <summary>The least, below which common phrases would be found everywhere.</summary>
    public const int FewestWords = 8;

    private readonly int words;
    private readonly Dictionary<ulong, List<int>> stretches = [];
    private readonly SortedSet<int> lengths = [];
    private readonly List<EvaluationSample> samples = [];

    /// <summary>The stretches of an evaluation.</summary>
    /// <param name="evaluation">The samples of the evaluation.</param>
    /// <param name="words">Words of a stretch.</param>
    public Contamination(IEnumerable<Sample> evaluation, int words = UsualWords)
    {
        this.words = words;
        foreach (Sample sample in evaluation) Index(sample);
    }

    /// <summary>The samples of the evaluation that are long enough to be looked for.</summary>
    public IReadOnlyList<EvaluationSample> Samples => samples;

    /// <summary>Samples of the evaluation that are too short to be looked for.</summary>
    public long TooShort { get; private set; }

    /// <summary>Looks for the evaluation in a sample of the training data, and counts what it finds.</summary>
    /// <returns>The first stretch of each sample of the evaluation that is in it.</returns>
    public IReadOnlyList<ContaminationHit> Search(Sample sample)
    {
        List<ContaminationHit> hits = [];
        HashSet<int> found = [];
        List<(int Start, int End)> places = [];
        foreach ((_, string text) in sample.Texts)
        {
            places.Clear();
            List<ulong> all = Words.Hashes(text, places);
            foreach (int length in lengths)
            {
                for (int i = 0; i + length <= all.Count; i++)
                {
                    ulong stretch = Hash64.Of(CollectionsMarshal.AsSpan(all).Slice(i, length));
                    if (!stretches.TryGetValue(stretch, out List<int>? owners)) continue;
                    foreach (int owner in owners)
                        if (found.Add(owner)) hits.Add(new ContaminationHit(sample.Origin, samples[owner].Origin, text[places[i].Start..places[i + length - 1].End]));
                }
            }
        }

        foreach (int owner in found) samples[owner].Hits++;
        return hits;
    }

    private void Index(Sample sample)
    {
        int number = samples.Count;
        bool any = false;
        foreach ((_, string text) in sample.Texts)
        {
            List<ulong> all = Words.Hashes(text);
            int length = Math.Min(words, all.Count);
            if (length < Math.Min(FewestWords, words)) continue;
            any = true;
            lengths.Add(length);
            for (int i = 0; i + length <= all.Count; i++)
            {
                ulong stretch = Hash64.Of(CollectionsMarshal.AsSpan(all).Slice(i, length));
                if (!stretches.TryGetValue(stretch, out List<int>? owners)) stretches[stretch] = owners = [];
                if (owners.Count == 0 || owners[^1] != number) owners.Add(number);
            }
        }

        if (any) samples.Add(new EvaluationSample(sample.Origin));
        else TooShort++;
    }
}
