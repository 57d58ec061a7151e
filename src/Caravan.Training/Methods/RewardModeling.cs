using Caravan.Tensors;

namespace Caravan.Training;

/// <summary>How a reward model is trained.</summary>
internal sealed record RewardModelOptions
{
    /// <summary>Whether margins of the data count.</summary>
    [Setting("Whether a preference that says by how much it is preferred must lead by that much (Touvron et al. 2023, \"Llama 2\", eq. 2).")]
    public bool Margins { get; init; } = true;
}

/// <summary>
/// A head on the last row of an answer learns which of two answers people prefer (Stiennon et al. 2020; Ouyang et al. 2022, section 3.5, eq. 1).
/// The head is written beside the model; <see cref="RewardModel"/> reads both.
/// </summary>
/// <param name="context">What every method is given.</param>
/// <param name="options">Whether margins count.</param>
internal sealed class RewardModeling(MethodContext context, RewardModelOptions options) : DataMethod(context)
{
    private readonly ScoreHead head = new(context.Policy.Model);

    /// <inheritdoc/>
    public override IReadOnlyList<Tensor> OwnTensors => [head.Weight];

    /// <inheritdoc/>
    public override void WriteTo(string folder) => head.WriteTo(folder);

    /// <inheritdoc/>
    public override void Dispose()
    {
        head.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override Tensor Loss(Pass pass, PackedBatch part, BatchSize batch)
    {
        IReadOnlyList<PreferenceSample> samples = SamplesOf<PreferenceSample>(part, PairMethod.Wanted);
        Tensor scores = head.OfTexts(pass, Context.Policy, part.Sequences);
        double[] values = RowValues.Of(scores);
        PairLossResult result = RewardModelLoss.Evaluate(
            [.. samples.Select((_, i) => values[2 * i])], [.. samples.Select((_, i) => values[(2 * i) + 1])],
            options.Margins ? [.. samples.Select(sample => sample.Margin ?? 0)] : null);
        Observations.Add("reward_accuracy", result.Accuracy, samples.Count);
        Observations.Add("reward_margin", result.Margin, samples.Count);
        Observations.Add("reward_mean", values.Average(), samples.Count);
        double share = (double)samples.Count / batch.Samples;
        float[] slopes = [.. result.ChosenGradient.Zip(result.RejectedGradient).SelectMany(pair => (float[])[(float)(share * pair.First), (float)(share * pair.Second)])];
        return Tensors.Ops.Objective.Forward(pass, scores, share * result.Loss, slopes);
    }
}
