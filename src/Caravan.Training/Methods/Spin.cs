using System.Text.Json.Serialization;
using Caravan.Tensors;

namespace Caravan.Training;

/// <summary>How a model plays against itself.</summary>
internal sealed record SpinOptions : RoundOptions
{
    /// <summary>Some steps against one opponent.</summary>
    public SpinOptions() => (Epochs, Minibatches) = (2, 4);

    /// <summary>The loss of pairs.</summary>
    [Setting("Loss of pairs of the data's answer and the model's own.")]
    public SpinLoss Loss { get; init; } = new();
}

/// <summary>An answer of the data and one of the opponent, with what the opponent thought of both.</summary>
/// <param name="Origin">Where the data's stands.</param>
/// <param name="Chosen">The data's.</param>
/// <param name="Rejected">The opponent's.</param>
/// <param name="ReferenceChosen">The opponent's log π of the data's.</param>
/// <param name="ReferenceRejected">The same of its own.</param>
internal sealed record SpinPair(string Origin, EncodedSequence Chosen, EncodedSequence Rejected, double ReferenceChosen, double ReferenceRejected) : RoundItem(Origin)
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override int Tokens => Chosen.Tokens.Length + Rejected.Tokens.Length;
}

/// <summary>
/// Self-play (Chen et al. 2024, "SPIN", alg. 1): in each round the model as it is then is the opponent, whose answers are to become less likely than the
/// data's. What the opponent thinks of both is kept with them, so that no copy of it is.
/// </summary>
/// <param name="context">What every method is given.</param>
/// <param name="options">The loss, and how long an opponent stays.</param>
internal sealed class Spin(MethodContext context, SpinOptions options) : RoundMethod<SpinPair>(context, options)
{
    private readonly Rollouts rollouts = Rollouts.Of(context, context.Policy, options.Rollouts);

    /// <summary>How likely the answers of held-out data are.</summary>
    public override IReadOnlyDictionary<string, double> Evaluate(Pass pass)
    {
        EncodedSequence[] answers = [.. Context.HeldOut.SelectMany(part => part.Samples).Select(Chosen)];
        if (answers.Length == 0) return new Dictionary<string, double>();
        return new Dictionary<string, double> { ["loss"] = -Context.Policy.Sums(pass, answers, Context.MicroBatchTokens).Sum() / answers.Sum(answer => answer.Counted) };
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        rollouts.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override IEnumerable<SpinPair> Gather(int round, IReadOnlyList<PackedBatch> parts)
    {
        EncodedSample[] samples = [.. parts.SelectMany(part => part.Samples)];
        EncodedSequence[] chosen = [.. samples.Select(Chosen)];
        EncodedSequence[] rejected = [.. rollouts.Draw([.. samples.Select(sample => Prompts.Of(Context.Data.Text, sample))], 1, SeedOf(round)).Select(group => group[0].Sequence)];
        double[] likelyChosen = Context.Policy.Sums(Reading, chosen, Context.MicroBatchTokens), likelyRejected = Context.Policy.Sums(Reading, rejected, Context.MicroBatchTokens);
        return samples.Select((sample, i) => new SpinPair(sample.Source.Origin.ToString(), chosen[i], rejected[i], likelyChosen[i], likelyRejected[i]));
    }

    /// <inheritdoc/>
    protected override Tensor Loss(Pass pass, int step, IReadOnlyList<SpinPair> part, IReadOnlyList<SpinPair> batch)
    {
        ScoredSequences policy = Context.Policy.Score(pass, [.. part.SelectMany(pair => (EncodedSequence[])[pair.Chosen, pair.Rejected])]);
        ResponsePair[] pairs = [.. part.Select((pair, i) => new ResponsePair(
            policy.Sums[2 * i], policy.Sums[(2 * i) + 1], pair.ReferenceChosen, pair.ReferenceRejected, pair.Chosen.Counted, pair.Rejected.Counted))];
        return PairMethod.Objective(pass, policy, options.Loss.Evaluate(pairs), (double)part.Count / batch.Count, Observations);
    }

    private EncodedSequence Chosen(EncodedSample sample)
    {
        (Passage prompt, Passage answer) = Prompts.Answered(sample.Source);
        return Context.Data.Text.Answer(prompt, answer);
    }
}
