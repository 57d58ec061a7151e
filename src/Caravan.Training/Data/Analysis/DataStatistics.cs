using System.Text;

namespace Caravan.Training;

/// <summary>What there is in files of training data.</summary>
internal sealed class DataStatistics
{
    private readonly Func<string, int> lengthOf;
    private readonly HashSet<ulong> seen = [];
    private readonly Dictionary<string, long> letters = [];

    private DataStatistics(Func<string, int> lengthOf) => this.lengthOf = lengthOf;

    /// <summary>Samples of each kind.</summary>
    public SortedDictionary<string, long> Kinds { get; } = [];

    /// <summary>Lengths of samples, all their texts together.</summary>
    public LengthCounts Samples { get; } = new();

    /// <summary>Lengths of the texts of each part: a role, <c>chosen</c> and the like.</summary>
    public SortedDictionary<string, LengthCounts> Parts { get; } = [];

    /// <summary>Samples whose texts were all in an earlier one, told by 64 bits of a hash.</summary>
    public long Duplicates { get; private set; }

    /// <summary>Samples whose texts are all empty.</summary>
    public long Empty { get; private set; }

    /// <summary>Samples by the writing system that most of their letters are of.</summary>
    public SortedDictionary<string, long> Scripts { get; } = [];

    /// <summary>Reads files.</summary>
    /// <param name="files">The files.</param>
    /// <param name="lengthOf">How long a text is: in words (<see cref="Words.Count"/>) or tokens.</param>
    /// <param name="progress">Told how many bytes have been read.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="CaravanException">A record is broken, or lacks what its format needs.</exception>
    public static DataStatistics Of(SampleFiles files, Func<string, int> lengthOf, Action<long>? progress = null, CancellationToken cancellation = default)
    {
        DataStatistics statistics = new(lengthOf);
        foreach (Sample sample in files.Samples(progress, cancellation)) statistics.Add(sample);
        return statistics;
    }

    private void Add(Sample sample)
    {
        Kinds[sample.Kind] = Kinds.GetValueOrDefault(sample.Kind) + 1;
        letters.Clear();
        int length = 0;
        ulong content = Hash64.Seed;
        foreach ((string part, string text) in sample.Texts)
        {
            int own = lengthOf(text);
            if (!Parts.TryGetValue(part, out LengthCounts? counts)) Parts[part] = counts = new();
            counts.Add(own);
            length += own;
            content = Hash64.Add(Read(text, content), (ulong)text.Length);
        }

        Samples.Add(length);
        if (length == 0) Empty++;
        if (!seen.Add(content)) Duplicates++;
        string script = letters.Count == 0 ? "none" : letters.MaxBy(pair => pair.Value).Key;
        Scripts[script] = Scripts.GetValueOrDefault(script) + 1;
    }

    /// <summary>Counts the letters of each script, and adds the text to the hash.</summary>
    private ulong Read(string text, ulong hash)
    {
        foreach (Rune rune in text.EnumerateRunes())
        {
            hash = Hash64.Add(hash, (ulong)rune.Value);
            if (!Rune.IsLetter(rune)) continue;
            string script = WritingSystem.Of(rune.Value);
            letters[script] = letters.GetValueOrDefault(script) + 1;
        }

        return hash;
    }
}
