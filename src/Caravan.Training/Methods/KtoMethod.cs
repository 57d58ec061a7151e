using Caravan.Tensors;

namespace Caravan.Training;

/// <summary>
/// Kahneman-Tversky optimization (Ethayarajh et al. 2024): answers that are wanted or not, without pairs. The reference point of a batch is measured on
/// its prompts with the answers of their neighbours.
/// </summary>
/// <param name="context">What every method is given; with a reference.</param>
/// <param name="loss">The loss of labelled answers.</param>
internal sealed class KtoMethod(MethodContext context, KtoLoss loss) : DataMethod(context)
{
    private readonly Pass reading = new(context.Device);
    private double referencePoint;

    /// <inheritdoc/>
    public override void Dispose()
    {
        reading.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override void Begin(int step, IReadOnlyList<PackedBatch> parts)
    {
        LabelledSample[] samples = [.. parts.SelectMany(part => SamplesOf<LabelledSample>(part, "labelled answers (prompt, completion, label)"))];
        EncodedSequence[] mismatched = [.. samples.Select((sample, i) => Mismatched(sample, samples[(i + 1) % samples.Length])).Where(sequence => sequence.Counted > 0)];
        referencePoint = samples.Length < 2 || mismatched.Length == 0 ? 0 : KtoLoss.ReferencePoint(
            Context.Policy.Sums(reading, mismatched, Context.MicroBatchTokens), Context.Reference!.Sums(reading, mismatched, Context.MicroBatchTokens));
    }

    /// <inheritdoc/>
    protected override Tensor Loss(Pass pass, PackedBatch part, BatchSize batch)
    {
        IReadOnlyList<LabelledSample> samples = SamplesOf<LabelledSample>(part, "labelled answers (prompt, completion, label)");
        EncodedSequence[] sequences = [.. part.Sequences];
        double[] reference = Context.Reference!.Sums(reading, sequences, Context.MicroBatchTokens);
        ScoredSequences policy = Context.Policy.Score(pass, sequences);
        LabelledResponse[] responses = [.. samples.Select((sample, i) => new LabelledResponse(policy.Sums[i], reference[i], sample.Desirable))];
        KtoLossResult result = loss.Evaluate(responses, referencePoint);
        Observations.Add("reference_point", referencePoint, responses.Length);
        for (int i = 0; i < responses.Length; i++) Observations.Add(responses[i].Desirable ? "reward_desirable" : "reward_undesirable", result.Rewards[i]);
        double share = (double)responses.Length / batch.Samples;
        return policy.Objective(pass, share * result.Loss, [.. result.Gradient.Select(slope => share * slope)]);
    }

    private EncodedSequence Mismatched(LabelledSample prompt, LabelledSample answer)
    {
        EncodedSequence sequence = Context.Data.Text.Answer(prompt.Prompt, answer.Completion);
        return sequence.Slice(0, Math.Min(sequence.Tokens.Length, Context.Data.Text.Context));
    }
}
