namespace Caravan.Tensors.Ops;

/// <summary>The log-probability of a label in each row under softmax(logits), without a tensor of probabilities.</summary>
internal static class TokenLogProbabilities
{
    /// <summary>y[n] = logits[n, labels[n]] − log Σ exp(logits[n, :]), or 0 where the label is negative.</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="logits">[N, V] F32.</param>
    /// <param name="labels">N labels in [0, V), or negative for rows that do not count.</param>
    /// <param name="consumed">Whether the way back may overwrite the logits by their gradient, because nothing else reads them.</param>
    /// <returns>[N] in nats. Gradient: dlogits[n, :] = dy[n] · (onehot(labels[n]) − softmax(logits[n, :])).</returns>
    public static Tensor Forward(Pass pass, Tensor logits, ReadOnlySpan<int> labels, bool consumed = false)
    {
        LabelledLogits labelled = LabelledLogits.Of(pass, logits, labels, consumed);
        Tensor y = pass.Result(new Shape(labels.Length), logits);
        labelled.LogProbabilities(pass, y.Floats);
        if (y.RequiresGradient) pass.Tape!.Record<TokenLogProbabilitiesStep>().Set(labelled, y);
        return y;
    }
}

file sealed class TokenLogProbabilitiesStep : TapeStep
{
    private LabelledLogits labelled;
    private Tensor y = null!;

    public void Set(in LabelledLogits labelled, Tensor y) => (this.labelled, this.y) = (labelled, y);

    public override void Backward(Pass pass) => labelled.Backward(pass, pass.GradientOf(y));
}
