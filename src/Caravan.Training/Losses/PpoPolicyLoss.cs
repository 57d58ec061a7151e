namespace Caravan.Training;

/// <summary>
/// Proximal policy optimization's clipped surrogate (Schulman et al. 2017, eq. 7): the mean over tokens of −min(ρ·A, clip(ρ, 1 − ε, 1 + ε)·A), where
/// ρ = π/π_old of the token.
/// </summary>
/// <param name="ClipRange">ε.</param>
internal sealed record PpoPolicyLoss(double ClipRange = 0.2)
{
    /// <summary>The loss of a batch.</summary>
    /// <param name="policy">log π of each token that was drawn, all responses one after another.</param>
    /// <param name="old">log π of the same by the policy that drew them.</param>
    /// <param name="advantages">A of each token.</param>
    public PolicyLossResult Evaluate(ReadOnlySpan<double> policy, ReadOnlySpan<double> old, ReadOnlySpan<double> advantages)
    {
        double[] gradient = new double[policy.Length];
        double loss = 0, clipped = 0, squares = 0, differences = 0;
        for (int t = 0; t < policy.Length; t++)
        {
            ClippedTerm term = ClippedTerm.Of(policy[t], old[t], advantages[t], ClipRange);
            loss += term.Loss;
            gradient[t] = term.Slope / policy.Length;
            clipped += term.Clipped ? 1 : 0;
            squares += (policy[t] - old[t]) * (policy[t] - old[t]);
            differences += old[t] - policy[t];
        }

        int count = Math.Max(1, policy.Length);
        return new PolicyLossResult(loss / count, gradient, clipped / count, squares / 2 / count, differences / count);
    }
}
