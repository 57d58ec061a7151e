namespace Caravan.Training;

/// <summary>How much is drawn at once.</summary>
internal sealed record BatchOptions
{
    /// <summary>Samples of a batch.</summary>
    public int Samples { get; init; } = 8;

    /// <summary>Most tokens of a batch, in place of samples: samples are drawn while they fit; null for samples.</summary>
    public int? Tokens { get; init; }

    /// <summary>Most tokens of a part: how many pass through the model at once.</summary>
    public int MicroBatchTokens { get; init; } = 2048;
}
