namespace Caravan.Training;

/// <summary>The samples of one micro-batch. It may be filled again and again.</summary>
internal sealed class PackedBatch
{
    private readonly List<EncodedSample> samples = [];

    /// <summary>The samples; of a divisible one perhaps only some of its sequences.</summary>
    public IReadOnlyList<EncodedSample> Samples => samples;

    /// <summary>All sequences, sample by sample.</summary>
    public IEnumerable<EncodedSequence> Sequences => samples.SelectMany(sample => sample.Sequences);

    /// <summary>Where they come from, for messages: files and lines.</summary>
    public string Origin => string.Join(", ", samples.Select(sample => sample.Source.Origin));

    /// <summary>Number of tokens.</summary>
    public int Tokens { get; private set; }

    /// <summary>Number of rows that count.</summary>
    public int Counted { get; private set; }

    /// <summary>Empties it.</summary>
    public void Clear()
    {
        samples.Clear();
        (Tokens, Counted) = (0, 0);
    }

    /// <summary>Adds a sample.</summary>
    public void Add(EncodedSample sample)
    {
        samples.Add(sample);
        Tokens += sample.Tokens;
        Counted += sample.Counted;
    }
}
