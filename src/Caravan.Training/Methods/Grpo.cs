using Caravan.Tensors;

namespace Caravan.Training;

/// <summary>How group relative policy optimization learns.</summary>
internal record GrpoOptions : RewardedOptions
{
    /// <summary>Eight answers to a prompt.</summary>
    public GrpoOptions() => Answers = 8;

    /// <summary>The loss.</summary>
    [Setting("Loss of the answers' tokens.")]
    public GrpoLoss Loss { get; init; } = new();

    /// <summary>Whether advantages are divided.</summary>
    [Setting("Whether advantages are divided by the deviation of the rewards to a prompt; false for Dr. GRPO's (Liu et al. 2025).")]
    public bool Normalizes { get; init; } = true;
}

/// <summary>Group relative policy optimization (Shao et al. 2024, "DeepSeekMath", section 4.1).</summary>
/// <param name="context">What every method is given; with a reference where the loss has a β.</param>
/// <param name="options">How.</param>
/// <param name="setting">The method's section in the settings, for messages.</param>
internal sealed class Grpo(MethodContext context, GrpoOptions options, string setting = "grpo") : GroupRounds(context, options, setting)
{
    private readonly GrpoLoss loss = options.Loss with { FixedLength = options.Rollouts.MaxTokens };

    /// <inheritdoc/>
    protected override double[] Advantages(double[] rewards, double[] divergences) => GroupAdvantage.Normalized(rewards, options.Normalizes);

    /// <inheritdoc/>
    protected override Tensor Loss(Pass pass, int step, IReadOnlyList<GroupAnswer> part, IReadOnlyList<GroupAnswer> batch)
    {
        ScoredSequences policy = Context.Policy.Score(pass, [.. part.Select(item => item.Sequence)]);
        PolicyLossResult result = loss.Evaluate(
            policy.Tokens(), [.. part.SelectMany(item => item.Old)], [.. part.SelectMany(item => item.Reference)], [.. policy.Lengths], [.. part.Select(item => item.Advantage)]);
        double share = loss.Averaging == TokenAveraging.Tokens
            ? (double)part.Sum(item => item.Sequence.Counted) / batch.Sum(item => item.Sequence.Counted)
            : (double)part.Count / batch.Count;
        Observations.Add("clipped_share", result.ClippedShare, result.Gradient.Length);
        Observations.Add("old_divergence", result.OldKl, result.Gradient.Length);
        return policy.ObjectiveOfTokens(pass, share * result.Loss, [.. result.Gradient.Select(slope => share * slope)]);
    }
}
