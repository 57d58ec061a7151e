namespace Caravan.Training;

/// <summary>
/// Samples in an order that depends on a seed alone and can be taken up again at any place. Records are read as they are needed; files may be larger than
/// memory.
/// </summary>
internal sealed class Dataset
{
    private readonly DatasetOptions options;
    private readonly SampleFiles[] mixes;

    /// <summary>Looks at the files.</summary>
    /// <exception cref="CaravanException">A file is missing, empty or of unknown format, or an option is out of range.</exception>
    public Dataset(DatasetOptions options)
    {
        this.options = options;
        if (options.Mixes.Count == 0) throw new CaravanException("No training data was named.");
        if (options.Mixes.Any(mix => !double.IsFinite(mix.Weight) || mix.Weight <= 0)) throw new CaravanException("A weight of training data is not above 0; leave out what is not to be drawn.");
        if (options.Mixes.Count > 1 && options.Epochs is not null) throw new CaravanException("Training data mixed by weight has no epochs, since each part comes round at its own time; say how many steps to take instead.");
        if (options.EvaluationFraction is not (>= 0 and < 1)) throw new CaravanException($"{options.EvaluationFraction} of the data cannot be held out; give 0 or more and less than 1.");
        mixes = [.. options.Mixes.Select(mix => new SampleFiles(mix.Paths, mix.Format ?? options.Format, options.WholeFiles))];
    }

    /// <summary>The files of each mix.</summary>
    public IReadOnlyList<SampleFiles> Mixes => mixes;

    /// <summary>The samples from the beginning, or from where a cursor was taken.</summary>
    public SampleStream Read(DatasetCursor? from = null)
    {
        if (from is not null && from.Mixes.Count != mixes.Length)
            throw new CaravanException($"The run that is resumed drew from {from.Mixes.Count} mixes of data, and this one names {mixes.Length}; name the same.");
        ShuffledRecords[] sources = [.. mixes.Select((files, number) => new ShuffledRecords(files, options, number, from?.Mixes[number]))];
        return new SampleStream(mixes, sources, options, from?.Drawn ?? 0);
    }
}
