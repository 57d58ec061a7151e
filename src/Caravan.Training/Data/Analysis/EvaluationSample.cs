namespace Caravan.Training;

/// <summary>A sample of an evaluation that is looked for in training data.</summary>
/// <param name="origin">Where it stands.</param>
internal sealed class EvaluationSample(Origin origin)
{
    /// <summary>Where it stands.</summary>
    public Origin Origin => origin;

    /// <summary>In how many samples of the training data a stretch of it was found.</summary>
    public long Hits { get; internal set; }
}
