namespace Caravan.Training;

/// <summary>A response of which somebody said whether it is good: log-probabilities in nats, summed over its tokens.</summary>
/// <param name="Policy">log π(response | prompt) of the model that learns.</param>
/// <param name="Reference">The same of the reference model.</param>
/// <param name="Desirable">Whether it is good.</param>
internal readonly record struct LabelledResponse(double Policy, double Reference, bool Desirable)
{
    /// <summary>log π/π_ref.</summary>
    public double Ratio => Policy - Reference;
}
