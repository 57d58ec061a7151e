using Caravan.Tensors;

namespace Caravan.Training;

/// <summary>Learning from pairs of answers of which one is preferred: direct preference optimization and its kin differ in the loss alone.</summary>
/// <param name="context">What every method is given; with a reference where the loss reads one.</param>
/// <param name="loss">The loss of pairs.</param>
internal sealed class PairMethod(MethodContext context, PairLoss loss) : DataMethod(context)
{
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
        int count = part.Samples.Count;
        double[] reference = loss.UsesReference ? Context.Reference!.Sums(reading, sequences, Context.MicroBatchTokens) : new double[sequences.Length];
        ScoredSequences policy = Context.Policy.Score(pass, sequences);
        ResponsePair[] pairs = [.. Enumerable.Range(0, count).Select(i => new ResponsePair(
            policy.Sums[2 * i], policy.Sums[(2 * i) + 1], reference[2 * i], reference[(2 * i) + 1], policy.Lengths[2 * i], policy.Lengths[(2 * i) + 1]))];
        PairLossResult result = loss.Evaluate(pairs);
        Observations.Add("reward_accuracy", result.Accuracy, count);
        Observations.Add("reward_margin", result.Margin, count);
        Observations.Add("chosen_log_probability", pairs.Average(pair => pair.PolicyChosen), count);
        Observations.Add("rejected_log_probability", pairs.Average(pair => pair.PolicyRejected), count);
        double share = (double)count / batch.Samples;
        double[] slopes = [.. result.ChosenGradient.Zip(result.RejectedGradient).SelectMany(pair => (double[])[share * pair.First, share * pair.Second])];
        return policy.Objective(pass, share * result.Loss, slopes);
    }
}
