namespace Caravan.Training;

/// <summary>
/// The policy gradient over whole responses (Williams 1992; with <see cref="GroupAdvantage.LeaveOneOut"/> RLOO, Ahmadian et al. 2024, eq. 8):
/// the mean of −A·log π(response).
/// </summary>
internal static class ReinforceLoss
{
    /// <summary>The loss of a batch; its gradient is by the summed log-probabilities.</summary>
    /// <param name="policy">log π of each response, summed over its tokens.</param>
    /// <param name="advantages">A of each response, a constant.</param>
    public static LossAndGradient Evaluate(IReadOnlyList<double> policy, IReadOnlyList<double> advantages) => new(
        policy.Zip(advantages, (p, a) => -a * p).Average(), [.. advantages.Select(advantage => -advantage / policy.Count)]);
}
