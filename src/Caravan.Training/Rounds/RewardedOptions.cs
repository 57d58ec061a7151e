namespace Caravan.Training;

/// <summary>How methods learn whose answers are rewarded.</summary>
internal record RewardedOptions : RoundOptions
{
    /// <summary>How many answers each prompt gets.</summary>
    [Setting("Answers that are drawn to each prompt.", Least = 1)]
    public int Answers { get; init; } = 1;

    /// <summary>What is rewarded.</summary>
    [Setting("What answers are rewarded for: a list of rewards, whose weighted sum counts.")]
    public IReadOnlyList<RewardSettings> Rewards { get; init; } = [];
}
