namespace Caravan.Training;

/// <summary>How methods learn that gather what they learn from themselves.</summary>
internal record RoundOptions
{
    /// <summary>How answers are drawn.</summary>
    [Setting("How answers are drawn.")]
    public RolloutOptions Rollouts { get; init; } = new();

    /// <summary>How often a round's answers are learnt.</summary>
    [Setting("How often the answers of a round are learnt before others are drawn.", Least = 1)]
    public int Epochs { get; init; } = 1;

    /// <summary>In how many steps.</summary>
    [Setting("Steps in which the answers of a round are learnt once, each with its share of them; 1 for all at once.", Least = 1)]
    public int Minibatches { get; init; } = 1;
}
