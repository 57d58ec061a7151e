using Caravan.Tensors;

namespace Caravan.Training;

/// <summary>How REINFORCE leave-one-out learns.</summary>
internal record RlooOptions : RewardedOptions
{
    /// <summary>Four answers to a prompt.</summary>
    public RlooOptions() => Answers = 4;

    /// <summary>β.</summary>
    [Setting("Price of a nat of KL divergence from the reference model, taken off the reward of an answer; 0 for none.", Least = 0)]
    public double Beta { get; init; } = 0.05;
}

/// <summary>
/// REINFORCE leave-one-out (Ahmadian et al. 2024, "Back to basics", eq. 8): the reward of an answer, less the price of leaving the reference model, is
/// measured against the mean of the other answers to its prompt.
/// </summary>
/// <param name="context">What every method is given; with a reference where β is not 0.</param>
/// <param name="options">How.</param>
/// <param name="setting">The method's section in the settings, for messages.</param>
internal sealed class Rloo(MethodContext context, RlooOptions options, string setting = "rloo") : GroupRounds(context, options, setting)
{
    /// <inheritdoc/>
    protected override double[] Advantages(double[] rewards, double[] divergences) =>
        GroupAdvantage.LeaveOneOut([.. rewards.Zip(divergences, (reward, divergence) => reward - (options.Beta * divergence))]);

    /// <inheritdoc/>
    protected override Tensor Loss(Pass pass, int step, IReadOnlyList<GroupAnswer> part, IReadOnlyList<GroupAnswer> batch)
    {
        ScoredSequences policy = Context.Policy.Score(pass, [.. part.Select(item => item.Sequence)]);
        LossAndGradient result = ReinforceLoss.Evaluate(policy.Sums, [.. part.Select(item => item.Advantage)]);
        double share = (double)part.Count / batch.Count;
        return policy.Objective(pass, share * result.Loss, [.. result.Gradient.Select(slope => share * slope)]);
    }
}
