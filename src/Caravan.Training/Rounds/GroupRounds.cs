using Caravan.Tensors;

namespace Caravan.Training;

/// <summary>An answer whose worth was measured against others to the same prompt.</summary>
/// <param name="Origin">Where its prompt stands.</param>
/// <param name="Sequence">Prompt and answer; the answer is labelled.</param>
/// <param name="Old">log π of each token of the answer when it was drawn.</param>
/// <param name="Reference">The same of the reference model; empty without one.</param>
/// <param name="Advantage">How much better it is than the others.</param>
internal sealed record GroupAnswer(string Origin, EncodedSequence Sequence, double[] Old, double[] Reference, double Advantage) : AnswerItem(Origin, Sequence)
{
    /// <summary>An estimate of KL(π ‖ π_ref) of the answer in nats; 0 without a reference.</summary>
    public double DivergenceOf() => Reference.Length == 0 ? 0 : Old.Sum() - Reference.Sum();
}

/// <summary>Policy gradients without a critic: several answers to a prompt are each other's baseline.</summary>
/// <param name="context">What every method is given.</param>
/// <param name="options">How many answers, and what is rewarded.</param>
/// <param name="setting">The method's section in the settings, for messages.</param>
internal abstract class GroupRounds(MethodContext context, RewardedOptions options, string setting) : RoundMethod<GroupAnswer>(context, options)
{
    private readonly RewardedRollouts rollouts = options.Answers > 1
        ? new RewardedRollouts(context, options, setting)
        : throw new CaravanException($"{setting}.answers is {options.Answers}: this method measures answers to a prompt against each other and needs 2 or more.");

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, double> Evaluate(Pass pass) => rollouts.Evaluate(SeedOf(-1));

    /// <inheritdoc/>
    public override void Dispose()
    {
        rollouts.Dispose();
        base.Dispose();
    }

    /// <summary>What each answer to a prompt is worth beside the others.</summary>
    /// <param name="rewards">The reward of each.</param>
    /// <param name="divergences">An estimate of KL(π ‖ π_ref) of each in nats.</param>
    protected abstract double[] Advantages(double[] rewards, double[] divergences);

    /// <inheritdoc/>
    protected override IEnumerable<GroupAnswer> Gather(int round, IReadOnlyList<PackedBatch> parts)
    {
        IReadOnlyList<RewardedGroup> groups = rollouts.Draw(parts, SeedOf(round), Observations);
        Answer[] answers = [.. groups.SelectMany(group => group.Answers)];
        EncodedSequence[] sequences = [.. answers.Select(answer => answer.Sequence)];
        double[][] old = Context.Policy.LogProbabilities(Reading, sequences, Context.MicroBatchTokens);
        double[][]? reference = Context.Reference?.LogProbabilities(Reading, sequences, Context.MicroBatchTokens);
        GroupAnswer[] items = [.. answers.Select((answer, i) => new GroupAnswer(answer.Prompt.Source.Origin.ToString(), answer.Sequence, old[i], reference?[i] ?? [], 0))];
        int start = 0;
        foreach (RewardedGroup group in groups)
        {
            double[] advantages = Advantages(group.Rewards, [.. items.Skip(start).Take(group.Rewards.Length).Select(item => item.DivergenceOf())]);
            foreach (double advantage in advantages) items[start] = items[start++] with { Advantage = advantage };
        }

        foreach (GroupAnswer item in items) Observations.Add("divergence", item.DivergenceOf());
        if (items.Length > 0) Observations.Add("advantage_spread", Math.Sqrt(items.Average(item => item.Advantage * item.Advantage)));
        return items;
    }
}
