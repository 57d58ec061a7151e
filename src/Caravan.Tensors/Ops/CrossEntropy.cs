using Caravan.Kernels;

namespace Caravan.Tensors.Ops;

/// <summary>The mean negative log-likelihood of labels under softmax(logits), without a tensor of probabilities.</summary>
internal static class CrossEntropy
{
    /// <summary>The label of rows that do not count (PyTorch's and Hugging Face's convention).</summary>
    public const int Ignored = -100;

    /// <summary>loss = Σ over counted rows of (log Σ exp(logits[n, :]) − logits[n, labels[n]]) / their number; 0 when no row counts.</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="logits">[N, V] F32.</param>
    /// <param name="labels">N labels in [0, V), or negative for rows that do not count. Shift them before: row n is scored by labels[n].</param>
    /// <param name="count">The divisor, for losses that are summed over several passes; null means the number of counted rows.</param>
    /// <param name="consumed">Whether the way back may overwrite the logits by their gradient, because nothing else reads them.</param>
    /// <returns>A scalar in nats. Gradient: dlogits[n, :] = dy/count · (softmax(logits[n, :]) − onehot(labels[n])).</returns>
    public static Tensor Forward(Pass pass, Tensor logits, ReadOnlySpan<int> labels, long? count = null, bool consumed = false)
    {
        LabelledLogits labelled = LabelledLogits.Of(pass, logits, labels, consumed);
        float weight = 1f / Math.Max(1, count ?? Counted(labels));
        NativeSpan<float> logProbabilities = pass.Workspace.Take<float>(labels.Length);
        labelled.LogProbabilities(pass, logProbabilities);
        double sum = 0;
        foreach (float logProbability in logProbabilities.AsSpan()) sum -= logProbability;
        Tensor y = pass.Result(new Shape(), logits);
        y.Floats[0] = (float)(sum * weight);
        if (y.RequiresGradient) pass.Tape!.Record<CrossEntropyStep>().Set(labelled, weight, y);
        return y;
    }

    /// <summary>The number of labels that count.</summary>
    public static long Counted(ReadOnlySpan<int> labels)
    {
        long counted = 0;
        foreach (int label in labels)
            if (label >= 0) counted++;
        return counted;
    }
}

file sealed class CrossEntropyStep : TapeStep
{
    private LabelledLogits labelled;
    private float weight;
    private Tensor y = null!;

    public void Set(in LabelledLogits labelled, float weight, Tensor y) => (this.labelled, this.weight, this.y) = (labelled, weight, y);

    public override void Backward(Pass pass)
    {
        NativeSpan<float> gradients = pass.Workspace.Take<float>(labelled.Labels.Length);
        gradients.AsSpan().Fill(-weight * pass.GradientOf(y)[0]);
        labelled.Backward(pass, gradients);
    }
}
