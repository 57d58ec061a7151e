namespace Caravan.Training;

/// <summary>
/// Gradient ascent on what must be forgotten (Jang et al. 2023, "Knowledge Unlearning", eq. 1), here with a term that retains the rest
/// (the gradient difference of Liu et al. 2022): mean log p(token to forget) − λ·mean log p(token to retain).
/// </summary>
internal sealed record GradientAscentLoss
{
    [Setting("How much (λ) what is retained weighs; 0 for plain ascent.", Least = 0)]
    public double RetainWeight { get; init; } = 1;

    /// <summary>The loss of a batch; its gradient is by the tokens to forget, then those to retain.</summary>
    /// <param name="forget">Log-probability of each token to forget.</param>
    /// <param name="retain">Log-probability of each token to retain.</param>
    public LossAndGradient Evaluate(IReadOnlyList<double> forget, IReadOnlyList<double> retain)
    {
        double kept = retain.Count == 0 ? 0 : retain.Average();
        return new LossAndGradient(
            forget.Average() - (RetainWeight * kept),
            [.. Enumerable.Repeat(1.0 / forget.Count, forget.Count), .. Enumerable.Repeat(-RetainWeight / Math.Max(1, retain.Count), retain.Count)]);
    }
}
