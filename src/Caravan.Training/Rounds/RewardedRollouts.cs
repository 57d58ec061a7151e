namespace Caravan.Training;

/// <summary>Lets a policy answer the prompts of a batch and looks at what the answers are worth.</summary>
internal sealed class RewardedRollouts : IDisposable
{
    private readonly MethodContext context;
    private readonly RewardedOptions options;
    private readonly Rollouts rollouts;
    private readonly Reward reward;

    /// <summary>Rollouts of a method's policy.</summary>
    /// <param name="context">What every method is given.</param>
    /// <param name="options">How many answers, how they are drawn, what is rewarded.</param>
    /// <param name="setting">The method's section in the settings, for messages.</param>
    /// <exception cref="CaravanException">No reward is named, or one cannot be made.</exception>
    public RewardedRollouts(MethodContext context, RewardedOptions options, string setting)
    {
        (this.context, this.options) = (context, options);
        reward = RewardCatalog.Sum(options.Rewards, context, $"{setting}.rewards");
        rollouts = Rollouts.Of(context, context.Policy, options.Rollouts);
    }

    /// <summary>Answers with their rewards, those to one prompt together.</summary>
    /// <param name="parts">The prompts.</param>
    /// <param name="seed">Where chance begins.</param>
    /// <param name="observations">Is told of rewards and lengths.</param>
    public IReadOnlyList<RewardedGroup> Draw(IReadOnlyList<PackedBatch> parts, ulong seed, Observations observations)
    {
        IReadOnlyList<IReadOnlyList<Answer>> groups = rollouts.Draw(Prompts.Of(context.Data.Text, parts), options.Answers, seed);
        Answer[] answers = [.. groups.SelectMany(group => group)];
        double[] rewards = reward.Score(answers);
        for (int i = 0; i < answers.Length; i++)
        {
            observations.Add("reward", rewards[i]);
            observations.Add("answer_tokens", answers[i].Sequence.Counted);
            observations.Add("ended", answers[i].Ended ? 1 : 0);
        }

        int start = 0;
        List<RewardedGroup> rewarded = [];
        foreach (IReadOnlyList<Answer> group in groups)
        {
            rewarded.Add(new RewardedGroup(group, rewards[start..(start + group.Count)]));
            start += group.Count;
        }

        return rewarded;
    }

    /// <summary>The mean reward over prompts that are held out; <c>loss</c> is what it lacks of 0.</summary>
    /// <param name="seed">Where chance begins.</param>
    public IReadOnlyDictionary<string, double> Evaluate(ulong seed)
    {
        Observations observations = new();
        if (context.HeldOut.Count == 0) return observations.Means;
        Draw(context.HeldOut, seed, observations);
        return new Dictionary<string, double>(observations.Means) { ["loss"] = -observations.Means["reward"] };
    }

    /// <summary>Stops the engine, and frees models that reward.</summary>
    public void Dispose()
    {
        rollouts.Dispose();
        reward.Dispose();
    }
}

/// <summary>The answers to one prompt.</summary>
/// <param name="Answers">The answers.</param>
/// <param name="Rewards">What each is worth.</param>
internal sealed record RewardedGroup(IReadOnlyList<Answer> Answers, double[] Rewards);
