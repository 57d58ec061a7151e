using Caravan.Models;
using Caravan.Text;

namespace Caravan.Training;

/// <summary>What the settings of a run say of data, opened.</summary>
internal sealed class SessionData : IDisposable
{
    private readonly Dataset training;
    private readonly TrainingSettings settings;
    private readonly BatchOptions batches;

    /// <summary>Opens the files.</summary>
    /// <param name="settings">What is to be learnt from.</param>
    /// <param name="model">Whose tokenizer and chat template are used.</param>
    /// <exception cref="CaravanException">A file is missing, empty or of unknown format.</exception>
    public SessionData(TrainingSettings settings, Model model)
    {
        this.settings = settings;
        Context = settings.Context ?? Math.Min(model.Spec.ContextLength, settings.MicroBatchTokens);
        model.RequirePositions(Context);
        batches = new BatchOptions { Samples = settings.BatchSize, Tokens = settings.TokensPerBatch, MicroBatchTokens = Math.Max(settings.MicroBatchTokens, Context) };
        Text = new TrainingText(model.Tokenizer, ChatFormat.Of(model.Tokenizer, Path.GetFileName(model.Path)), new TrainingTextOptions
        {
            Context = Context, Long = settings.TooLong, Rewrite = MethodCatalog.Named(settings.Method).Rewrite?.Invoke(settings),
        });
        DatasetOptions options = new() { Mixes = MixesOf(settings.Data), Seed = (ulong)settings.Seed, EvaluationFraction = settings.EvaluationFraction };
        training = new Dataset(options);
        HeldOut = settings.EvaluationData.Count > 0 ? All(new Dataset(new DatasetOptions { Mixes = MixesOf(settings.EvaluationData), Shuffle = false, Epochs = 1 }))
            : settings.EvaluationFraction > 0 ? All(new Dataset(options with { Part = DataPart.Evaluation, Shuffle = false, Epochs = 1 }))
            : [];
        Source = new BatchSource(training, Text, batches);
    }

    /// <summary>Most tokens of a sequence.</summary>
    public int Context { get; }

    /// <summary>How samples become tokens.</summary>
    public TrainingText Text { get; }

    /// <summary>The batches of the run.</summary>
    public BatchSource Source { get; }

    /// <summary>What is held out.</summary>
    public IReadOnlyList<PackedBatch> HeldOut { get; }

    /// <summary>The first samples that a run with these settings learns from, for people to look at.</summary>
    public IReadOnlyList<EncodedSample> First(int count)
    {
        using BatchSource source = new(training, Text, batches with { Samples = count, Tokens = null });
        return [.. source.Draw().SelectMany(part => part.Samples)];
    }

    /// <summary>What one pass over the data comes to; all of it is read and encoded for that.</summary>
    public EpochSize Measure(CancellationToken cancellation)
    {
        if (settings.Data.Select(file => (file.Weight, file.Format)).Distinct().Count() > 1)
            throw new CaravanException("Data that is mixed by weight has no epochs, since each part comes round at its own time; give steps.");
        Dataset once = new(new DatasetOptions { Mixes = MixesOf(settings.Data), EvaluationFraction = settings.EvaluationFraction, Shuffle = false, Epochs = 1 });
        using BatchSource source = new(once, Text, batches);
        EpochSize size = default;
        while (source.Draw() is { Count: > 0 } parts)
        {
            cancellation.ThrowIfCancellationRequested();
            size = new EpochSize(size.Steps + 1, size.Samples + parts.Sum(part => part.Samples.Count), size.Tokens + parts.Sum(part => (long)part.Tokens));
        }

        return size.Steps > 0 ? size : throw new CaravanException("The data holds nothing to learn.");
    }

    /// <summary>Closes the files.</summary>
    public void Dispose() => Source.Dispose();

    private static List<DataMix> MixesOf(IReadOnlyList<DataSettings> files) =>
    [
        .. files.GroupBy(file => (file.Weight, file.Format))
            .Select(pool => new DataMix([.. pool.Select(file => file.Path)], pool.Key.Weight, pool.Key.Format is { } format ? SampleFormats.Named(format) : null)),
    ];

    private List<PackedBatch> All(Dataset data)
    {
        using BatchSource source = new(data, Text, batches with { Samples = int.MaxValue, Tokens = null });
        return [.. source.Draw()];
    }
}
