namespace Caravan.Training;

/// <summary>How samples become tokens.</summary>
internal sealed record TrainingTextOptions
{
    /// <summary>Most tokens of a sequence.</summary>
    public required int Context { get; init; }

    /// <summary>What becomes of longer samples that are no plain texts.</summary>
    public LongSamples Long { get; init; } = LongSamples.Error;

    /// <summary>Changes samples before they are written in the model's format; null for none (<see cref="SteerLmOptions"/>).</summary>
    public Func<Sample, Sample>? Rewrite { get; init; }

    /// <summary>The time told to templates that write the date: it stands still, so that the same data gives the same tokens on every day.</summary>
    public DateTime Date { get; init; } = new(2026, 1, 1);
}
