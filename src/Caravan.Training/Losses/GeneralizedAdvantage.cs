namespace Caravan.Training;

/// <summary>Generalized advantage estimation (Schulman et al. 2016, eq. 16).</summary>
/// <param name="Discount">γ of rewards to come; 1 for none.</param>
/// <param name="Lambda">λ: 0 trusts the values, 1 the rewards.</param>
internal sealed record GeneralizedAdvantage(double Discount = 1, double Lambda = 0.95)
{
    /// <summary>
    /// δ_t = r_t + γ·V_{t+1} − V_t, where the value after the last token is 0; A_t = δ_t + γλ·A_{t+1}; what the critic should have said is A_t + V_t.
    /// </summary>
    /// <param name="rewards">The reward of each token of one response.</param>
    /// <param name="values">The critic's value before each token.</param>
    /// <param name="advantages">Is given A.</param>
    /// <param name="returns">Is given A + V.</param>
    public void Estimate(ReadOnlySpan<double> rewards, ReadOnlySpan<double> values, Span<double> advantages, Span<double> returns)
    {
        double advantage = 0, next = 0;
        for (int t = rewards.Length - 1; t >= 0; t--)
        {
            advantage = rewards[t] + (Discount * next) - values[t] + (Discount * Lambda * advantage);
            (advantages[t], returns[t], next) = (advantage, advantage + values[t], values[t]);
        }
    }
}
