namespace Caravan.Training;

/// <summary>
/// Negative preference optimization (Zhang et al. 2024, eq. 3), which forgets: −(2/β)·log σ(−β·log π/π_ref) of what must be forgotten, and its mean.
/// Unlike gradient ascent it is bounded below, and as β → 0 it becomes that.
/// </summary>
internal sealed record NpoLoss
{
    [Setting("How soon (β) what is forgotten stops to count.", Least = 0)]
    public double Beta { get; init; } = 0.1;

    /// <summary>The loss of texts to forget.</summary>
    /// <param name="policy">log π of each text, summed over its tokens.</param>
    /// <param name="reference">The same of the model before.</param>
    public LossAndGradient Evaluate(IReadOnlyList<double> policy, IReadOnlyList<double> reference)
    {
        int count = policy.Count;
        double[] ratios = [.. policy.Zip(reference, (p, r) => Beta * (p - r))];
        return new LossAndGradient(
            ratios.Average(ratio => 2 / Beta * Logistic.Loss(-ratio)), [.. ratios.Select(ratio => 2 * Logistic.Sigmoid(ratio) / count)]);
    }
}
