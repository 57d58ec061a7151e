namespace Caravan.Training;

/// <summary>
/// Group relative policy optimization (Shao et al. 2024, eq. 3): PPO's surrogate with the response's <see cref="GroupAdvantage"/> for all its
/// tokens, plus β·KL(π ‖ π_ref) of each token.
/// </summary>
internal sealed record GrpoLoss
{
    [Setting("The price β of leaving the reference model; 0 for none.", Least = 0)]
    public double Beta { get; init; } = 0.04;

    [Setting("How far (ε) the ratio of probabilities may leave 1 before it no longer pays.", Least = 0)]
    public double ClipRange { get; init; } = 0.2;

    [Setting("How leaving the reference is measured (Schulman 2020).")]
    public KlEstimator Estimator { get; init; } = KlEstimator.K3;

    [Setting("How tokens become one number.")]
    public TokenAveraging Averaging { get; init; } = TokenAveraging.Responses;

    /// <summary>The length that <see cref="TokenAveraging.FixedLength"/> divides by, in tokens: by custom the longest that may be drawn.</summary>
    public int FixedLength { get; init; } = 1;

    /// <summary>The loss of a batch.</summary>
    /// <param name="policy">log π of each token that was drawn, all responses one after another.</param>
    /// <param name="old">The same by the policy that drew them.</param>
    /// <param name="reference">The same by the reference model; unread, and so may be empty, where <see cref="Beta"/> is 0.</param>
    /// <param name="lengths">Tokens of each response.</param>
    /// <param name="advantages">A of each response.</param>
    public PolicyLossResult Evaluate(
        ReadOnlySpan<double> policy, ReadOnlySpan<double> old, ReadOnlySpan<double> reference, ReadOnlySpan<int> lengths, ReadOnlySpan<double> advantages)
    {
        double[] gradient = new double[policy.Length];
        double loss = 0, clipped = 0, squares = 0, differences = 0;
        for (int response = 0, t = 0; response < lengths.Length; response++)
        {
            double weight = 1 / Averaging switch
            {
                TokenAveraging.Responses => (double)lengths[response] * lengths.Length,
                TokenAveraging.Tokens => policy.Length,
                _ => (double)FixedLength * lengths.Length,
            };
            for (int end = t + lengths[response]; t < end; t++)
            {
                ClippedTerm term = ClippedTerm.Of(policy[t], old[t], advantages[response], ClipRange);
                loss += weight * term.Loss;
                gradient[t] = weight * term.Slope;
                clipped += term.Clipped ? 1 : 0;
                squares += (policy[t] - old[t]) * (policy[t] - old[t]);
                differences += old[t] - policy[t];
                if (Beta == 0) continue;
                loss += weight * Beta * Estimator.Value(policy[t], reference[t]);
                gradient[t] += weight * Beta * Estimator.Slope(policy[t], reference[t]);
            }
        }

        int count = Math.Max(1, policy.Length);
        return new PolicyLossResult(loss, gradient, clipped / count, squares / 2 / count, differences / count);
    }
}
