using System.Runtime.InteropServices;
using Caravan.Models;
using Caravan.Tensors.Ops;

namespace Caravan.Training;

/// <summary>The samples of one micro-batch. It may be filled again and again.</summary>
internal sealed class PackedBatch
{
    private readonly List<EncodedSample> samples = [];
    private readonly List<int> labels = [];
    private readonly List<Range> rows = [];

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

    /// <summary>The label of each row of logits, after <see cref="Fill"/>; <see cref="CrossEntropy.Ignored"/> for those that do not count.</summary>
    public ReadOnlySpan<int> Labels => CollectionsMarshal.AsSpan(labels);

    /// <summary>For each sequence its rows of logits and labels, after <see cref="Fill"/>.</summary>
    public IReadOnlyList<Range> Rows => rows;

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

    /// <summary>
    /// Puts the sequences into a batch for the model, one after the other. Logits are computed from the first row of each sequence on that counts, so that a
    /// long prompt costs no head; sequences without labels get none.
    /// </summary>
    public void Fill(Batch batch)
    {
        batch.Clear();
        labels.Clear();
        rows.Clear();
        foreach (EncodedSequence sequence in Sequences)
        {
            int first = sequence.Labels.AsSpan().IndexOfAnyExcept(CrossEntropy.Ignored);
            if (first < 0) first = sequence.Labels.Length;
            rows.Add(labels.Count..(labels.Count + sequence.Labels.Length - first));
            labels.AddRange(sequence.Labels.AsSpan(first));
            batch.AddSequence(sequence.Tokens, first);
        }
    }
}
