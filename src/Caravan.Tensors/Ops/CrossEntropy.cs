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
    /// <returns>A scalar in nats. Gradient: dlogits[n, :] = dy/count · (softmax(logits[n, :]) − onehot(labels[n])).</returns>
    public static Tensor Forward(Pass pass, Tensor logits, ReadOnlySpan<int> labels, long? count = null)
    {
        ShapeGuard.Require(logits.Shape.Rows == labels.Length, $"CrossEntropy: {labels.Length} labels do not fit {logits}.");
        long counted = 0;
        foreach (int label in labels)
        {
            ShapeGuard.Require(label < logits.Shape.Columns, $"CrossEntropy: the label {label} is outside {logits}.");
            if (label >= 0) counted++;
        }

        float weight = 1f / Math.Max(1, count ?? counted);
        NativeSpan<int> saved = pass.Workspace.Take<int>(labels.Length);
        labels.CopyTo(saved.AsSpan());
        NativeSpan<float> losses = pass.Workspace.Rent(new Shape(labels.Length)).Floats;
        pass.Kernels.CrossEntropy(logits.Floats, saved, losses);
        double sum = 0;
        foreach (float loss in losses.AsSpan()) sum += loss;
        Tensor y = pass.Result(new Shape(), logits);
        y.Floats[0] = (float)(sum * weight);
        if (y.RequiresGradient) pass.Tape!.Record<CrossEntropyStep>().Set(logits, saved, weight, y);
        return y;
    }
}

file sealed class CrossEntropyStep : TapeStep
{
    private Tensor logits = null!, y = null!;
    private NativeSpan<int> labels;
    private float weight;

    public void Set(Tensor logits, NativeSpan<int> labels, float weight, Tensor y) =>
        (this.logits, this.labels, this.weight, this.y) = (logits, labels, weight, y);

    public override void Backward(Pass pass) =>
        pass.Kernels.CrossEntropyBackward(logits.Floats, labels, weight * pass.GradientOf(y)[0], pass.GradientOf(logits));
}
