namespace Caravan.Training;

/// <summary>How a policy answers prompts that it then learns from.</summary>
internal sealed record RolloutOptions
{
    /// <summary>Most tokens of an answer.</summary>
    public int MaxTokens { get; init; } = 128;

    /// <summary>Temperature of the answers; 1 draws from the policy itself, which the gradients of policy optimization assume.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Nucleus (Holtzman et al. 2020) that tokens are drawn from; 1 for all.</summary>
    public double TopP { get; init; } = 1;

    /// <summary>How many answers are written at once.</summary>
    public int Together { get; init; } = 16;
}
