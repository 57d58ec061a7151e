namespace Caravan.Training;

/// <summary>Softmax of a row of logits in double.</summary>
internal static class SoftDistribution
{
    /// <summary>log softmax(logits / temperature).</summary>
    /// <param name="logits">V floats.</param>
    /// <param name="temperature">Above 0; 1 for none.</param>
    /// <param name="logProbabilities">Is given V numbers.</param>
    public static void LogSoftmax(ReadOnlySpan<float> logits, double temperature, Span<double> logProbabilities)
    {
        double largest = double.NegativeInfinity, sum = 0;
        foreach (float logit in logits) largest = Math.Max(largest, logit / temperature);
        foreach (float logit in logits) sum += Math.Exp((logit / temperature) - largest);
        double normalizer = largest + Math.Log(sum);
        for (int k = 0; k < logits.Length; k++) logProbabilities[k] = (logits[k] / temperature) - normalizer;
    }
}
