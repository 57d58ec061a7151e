using Caravan.Kernels;

namespace Caravan.Tensors;

/// <summary>Logits, the label of each row, and what the way back needs: what losses over a vocabulary share.</summary>
/// <param name="Logits">[N, V] F32.</param>
/// <param name="Labels">[N], negative for rows that do not count.</param>
/// <param name="Sums">[N, 2]: the largest logit of a row and Σ exp(logit − it).</param>
/// <param name="Consumed">Whether the gradient may take the place of the logits.</param>
internal readonly record struct LabelledLogits(Tensor Logits, NativeSpan<int> Labels, NativeSpan<float> Sums, bool Consumed)
{
    /// <summary>The same with the labels kept for the way back, once they are known to fit.</summary>
    /// <exception cref="CaravanException">They are not as many as the rows, or one is outside the vocabulary.</exception>
    public static LabelledLogits Of(Pass pass, Tensor logits, ReadOnlySpan<int> labels, bool consumed)
    {
        ShapeGuard.Require(logits.Shape.Rows == labels.Length, $"CrossEntropy: {labels.Length} labels do not fit {logits}.");
        foreach (int label in labels) ShapeGuard.Require(label < logits.Shape.Columns, $"CrossEntropy: the label {label} is outside {logits}.");
        NativeSpan<int> saved = pass.Workspace.Take<int>(labels.Length);
        labels.CopyTo(saved.AsSpan());
        return new LabelledLogits(logits, saved, pass.Workspace.Take<float>(2L * labels.Length), consumed);
    }

    /// <summary>The log-probability of each row's label; 0 where it is negative.</summary>
    public void LogProbabilities(Pass pass, NativeSpan<float> results) => pass.Kernels.LogProbabilities(Logits.Floats, Labels, results, Sums);

    /// <summary>Adds the logits' gradient for gradients of the log-probabilities.</summary>
    public void Backward(Pass pass, NativeSpan<float> gradients) => pass.Kernels.LogProbabilitiesBackward(
        Logits.Floats, Labels, Sums, gradients, Consumed ? pass.GradientInPlaceOf(Logits, out _) : pass.GradientOf(Logits));
}
