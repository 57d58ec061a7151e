namespace Caravan.Training;

/// <summary>A loss over pairs of responses, of which one is preferred: the mean of a number for each pair.</summary>
internal abstract record PairLoss
{
    [Setting("How sharply (β) log-probabilities count: the factor that makes them rewards.", Least = 0)]
    public virtual double Beta { get; init; } = 0.1;

    /// <summary>Whether the reference model's log-probabilities are read.</summary>
    public virtual bool UsesReference => true;

    /// <summary>The loss of a batch with its gradients and implied rewards.</summary>
    /// <param name="pairs">At least one.</param>
    public PairLossResult Evaluate(IReadOnlyList<ResponsePair> pairs)
    {
        PairLoss loss = Over(pairs);
        PairTerm[] terms = [.. pairs.Select(loss.Of)];
        (double Chosen, double Rejected)[] rewards = [.. pairs.Select(loss.Rewards)];
        return new PairLossResult(
            [.. terms.Select(term => term.Loss)],
            [.. terms.Select(term => term.ChosenSlope / pairs.Count)],
            [.. terms.Select(term => term.RejectedSlope / pairs.Count)],
            [.. rewards.Select(reward => reward.Chosen)],
            [.. rewards.Select(reward => reward.Rejected)]);
    }

    /// <summary>This loss, knowing what it wants to know of the whole batch.</summary>
    protected virtual PairLoss Over(IReadOnlyList<ResponsePair> pairs) => this;

    /// <summary>The loss of one pair.</summary>
    protected abstract PairTerm Of(ResponsePair pair);

    /// <summary>The rewards that the loss implies (Rafailov et al. 2023, eq. 5, up to a number that only the prompt decides).</summary>
    protected virtual (double Chosen, double Rejected) Rewards(ResponsePair pair) => (Beta * pair.ChosenRatio, Beta * pair.RejectedRatio);
}
