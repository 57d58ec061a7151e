namespace Caravan.Training;

/// <summary>
/// Rewards of tokens from the score of a response (Ziegler et al. 2019, eq. 2; Ouyang et al. 2022, eq. 2): each token pays for leaving the reference
/// model, the last one also has the score.
/// </summary>
/// <param name="Estimator">How leaving is measured.</param>
internal sealed record KlShapedRewards(KlEstimator Estimator = KlEstimator.K1)
{
    /// <summary>r_t = −coefficient·KL_t, plus the score at the last token.</summary>
    /// <param name="policy">log π of each token of one response, by the policy that wrote it.</param>
    /// <param name="reference">The same of the reference model.</param>
    /// <param name="score">What the response is worth.</param>
    /// <param name="coefficient">Price of a nat; 0 for none.</param>
    public double[] Of(ReadOnlySpan<double> policy, ReadOnlySpan<double> reference, double score, double coefficient)
    {
        double[] rewards = new double[policy.Length];
        for (int t = 0; t < rewards.Length; t++) rewards[t] = -coefficient * Estimator.Value(policy[t], reference[t]);
        if (rewards.Length > 0) rewards[^1] += score;
        return rewards;
    }
}
