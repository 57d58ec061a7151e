namespace Caravan.Training;

/// <summary>What is drawn, and in which order.</summary>
internal sealed record DatasetOptions
{
    /// <summary>Where the records are. One mix is drawn from epoch by epoch, each record once in each; several are mixed by their weights without end.</summary>
    public required IReadOnlyList<DataMix> Mixes { get; init; }

    /// <summary>The format of all files; null to find each file's from its first record.</summary>
    public SampleFormat? Format { get; init; }

    /// <summary>Whether a file of plain text is one document, instead of documents with blank lines between them.</summary>
    public bool WholeFiles { get; init; }

    /// <summary>Whether records are drawn in random order; else in that of the files.</summary>
    public bool Shuffle { get; init; } = true;

    /// <summary>The order depends on this alone.</summary>
    public ulong Seed { get; init; }

    /// <summary>
    /// Bytes of records that are in memory at a time and drawn from at random: of files that are smaller the order is a permutation of all records, of
    /// larger ones each stretch of this size is permuted.
    /// </summary>
    public long ShuffleBytes { get; init; } = 64 << 20;

    /// <summary>The share of records that is held out, told by a hash of their content, so that equal records are on one side; 0 for none.</summary>
    public double EvaluationFraction { get; init; }

    /// <summary>Which side of the split is drawn.</summary>
    public DataPart Part { get; init; } = DataPart.Training;

    /// <summary>How often each record is drawn; null means without end.</summary>
    public int? Epochs { get; init; }
}
