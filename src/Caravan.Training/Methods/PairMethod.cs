using Caravan.Tensors;

namespace Caravan.Training;

/// <summary>Learning from pairs of answers of which one is preferred: direct preference optimization and its kin differ in the loss alone.</summary>
/// <param name="context">What every method is given; with a reference where the loss reads one.</param>
/// <param name="loss">The loss of pairs.</param>
internal sealed class PairMethod(MethodContext context, PairLoss loss) : DataMethod(context)
{
    /// <summary>What pairs are, in words for messages.</summary>
    internal const string Wanted = "preferences (prompt, chosen, rejected)";

    private readonly Pass reading = new(context.Device);

    /// <inheritdoc/>
    public override void Dispose()
    {
        reading.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override Tensor Loss(Pass pass, PackedBatch part, BatchSize batch)
    {
        EncodedSequence[] sequences = [.. part.Sequences];
        int count = SamplesOf<PreferenceSample>(part, Wanted).Count;
        double[] reference = loss.UsesReference ? Context.Reference!.Sums(reading, sequences, Context.MicroBatchTokens) : new double[sequences.Length];
        ScoredSequences policy = Context.Policy.Score(pass, sequences);
        ResponsePair[] pairs = [.. Enumerable.Range(0, count).Select(i => new ResponsePair(
            policy.Sums[2 * i], policy.Sums[(2 * i) + 1], reference[2 * i], reference[(2 * i) + 1], policy.Lengths[2 * i], policy.Lengths[(2 * i) + 1]))];
        return Objective(pass, policy, loss.Evaluate(pairs), (double)count / batch.Samples, Observations);
    }

    /// <summary>A loss of pairs on the tape, and what is worth seeing of it.</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="policy">The chosen and the rejected answer of each pair.</param>
    /// <param name="result">The loss.</param>
    /// <param name="share">Its share in the loss of the step.</param>
    /// <param name="observations">Is told of rewards.</param>
    internal static Tensor Objective(Pass pass, ScoredSequences policy, PairLossResult result, double share, Observations observations)
    {
        int count = result.Losses.Length;
        observations.Add("reward_accuracy", result.Accuracy, count);
        observations.Add("reward_margin", result.Margin, count);
        observations.Add("chosen_log_probability", policy.Sums.Where((_, i) => i % 2 == 0).Average(), count);
        observations.Add("rejected_log_probability", policy.Sums.Where((_, i) => i % 2 == 1).Average(), count);
        double[] slopes = [.. result.ChosenGradient.Zip(result.RejectedGradient).SelectMany(pair => (double[])[share * pair.First, share * pair.Second])];
        return policy.Objective(pass, share * result.Loss, slopes);
    }
}
