namespace Caravan.Training;

/// <summary>Advantages of several responses to one prompt from their rewards alone, without a critic.</summary>
internal static class GroupAdvantage
{
    /// <summary>
    /// GRPO's (Shao et al. 2024, section 4.1.2): (r − mean) / (deviation + 10⁻⁴), with the unbiased deviation; without the division
    /// Dr. GRPO's (Liu et al. 2025, section 3.2).
    /// </summary>
    /// <param name="rewards">Of each response of the group, at least two.</param>
    /// <param name="divides">Whether to divide by the deviation.</param>
    public static double[] Normalized(IReadOnlyList<double> rewards, bool divides = true)
    {
        double mean = rewards.Average();
        double deviation = Math.Sqrt(rewards.Sum(reward => (reward - mean) * (reward - mean)) / (rewards.Count - 1));
        return [.. rewards.Select(reward => (reward - mean) / (divides ? deviation + 1e-4 : 1))];
    }

    /// <summary>RLOO's (Ahmadian et al. 2024, eq. 8): the reward less the mean reward of the group's other responses.</summary>
    /// <param name="rewards">Of each response of the group, at least two.</param>
    public static double[] LeaveOneOut(IReadOnlyList<double> rewards)
    {
        double sum = rewards.Sum();
        return [.. rewards.Select(reward => reward - ((sum - reward) / (rewards.Count - 1)))];
    }
}
