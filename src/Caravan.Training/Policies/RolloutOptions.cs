namespace Caravan.Training;

/// <summary>How a policy answers prompts that it then learns from.</summary>
internal sealed record RolloutOptions
{
    /// <summary>Most tokens of an answer.</summary>
    [Setting("Most tokens of an answer.", Least = 1)]
    public int MaxTokens { get; init; } = 128;

    /// <summary>Temperature of the answers.</summary>
    [Setting("Temperature that answers are drawn with; 1 draws from the policy itself, which the gradients of policy optimization assume.", Least = 0.01)]
    public double Temperature { get; init; } = 1;

    /// <summary>The nucleus.</summary>
    [Setting("Nucleus that tokens are drawn from (Holtzman et al. 2020); 1 for all.", Least = 0.01, Most = 1)]
    public double TopP { get; init; } = 1;

    /// <summary>How many answers are written at once.</summary>
    [Setting("How many answers are written at once; more are faster and take more memory for keys and values.", Least = 1)]
    public int Together { get; init; } = 16;
}
