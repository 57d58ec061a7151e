using Caravan.Tensors;

namespace Caravan.Training;

/// <summary>How the best answers are chosen.</summary>
internal sealed record RaftOptions : RewardedOptions
{
    /// <summary>Eight answers, of which one is learnt.</summary>
    public RaftOptions() => Answers = 8;

    /// <summary>How many are learnt.</summary>
    [Setting("How many of the answers to a prompt are learnt: the best.", Least = 1)]
    public int Keep { get; init; } = 1;
}

/// <summary>Reward-ranked fine-tuning (Dong et al. 2023, "RAFT"): of several answers to each prompt the best are learnt, best of n.</summary>
/// <param name="context">What every method is given.</param>
/// <param name="options">How many answers, and what is rewarded.</param>
internal sealed class Raft(MethodContext context, RaftOptions options) : LikelihoodRounds(context, options)
{
    private readonly RewardedRollouts rollouts = new(context, options, "raft");

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, double> Evaluate(Pass pass) => rollouts.Evaluate(SeedOf(-1));

    /// <inheritdoc/>
    public override void Dispose()
    {
        rollouts.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override IEnumerable<AnswerItem> Gather(int round, IReadOnlyList<PackedBatch> parts)
    {
        foreach (RewardedGroup group in rollouts.Draw(parts, SeedOf(round), Observations))
        {
            Observations.Add("best_reward", group.Rewards.Max());
            foreach (int best in Enumerable.Range(0, group.Answers.Count).OrderByDescending(i => group.Rewards[i]).Take(options.Keep))
                yield return new AnswerItem(group.Answers[best].Prompt.Source.Origin.ToString(), group.Answers[best].Sequence);
        }
    }
}
