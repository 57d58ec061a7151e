namespace Caravan.Training;

/// <summary>
/// A strong student learns from a weak teacher's labels, and trusts itself with a weight α (Burns et al. 2023, appendix A.4, the auxiliary confidence
/// loss): (1 − α)·−log q(the teacher's label) + α·−log q(what the student thinks likeliest).
/// </summary>
/// <param name="Confidence">α in [0, 1]; the paper raises it from 0 during the first fifth of training. 0 is cross-entropy.</param>
internal sealed record WeakToStrongLoss(double Confidence = 0.5)
{
    /// <summary>The loss of one row.</summary>
    /// <param name="label">The weak teacher's label, in [0, V).</param>
    /// <param name="logits">The student's, V floats.</param>
    /// <param name="weight">Factor of this row, such as 1 / their number.</param>
    /// <param name="gradient">weight·∂loss/∂logits is added here: q − (1 − α)·onehot(label) − α·onehot(argmax).</param>
    /// <returns>weight·loss.</returns>
    public double Evaluate(int label, ReadOnlySpan<float> logits, double weight, Span<float> gradient)
    {
        double[] logs = new double[logits.Length];
        SoftDistribution.LogSoftmax(logits, 1, logs);
        int own = Array.IndexOf(logs, logs.Max());
        for (int k = 0; k < logs.Length; k++) gradient[k] += (float)(weight * Math.Exp(logs[k]));
        gradient[label] -= (float)(weight * (1 - Confidence));
        gradient[own] -= (float)(weight * Confidence);
        return -weight * (((1 - Confidence) * logs[label]) + (Confidence * logs[own]));
    }
}
