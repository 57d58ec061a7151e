namespace Caravan.Testing;

/// <summary>Compares the logits of a whole sequence with the reference's.</summary>
public static class LogitAssert
{
    /// <summary>Largest tokens and mean likelihood of all rows, and all logits of the last three, at the folder's tolerance.</summary>
    /// <param name="golden">The folder.</param>
    /// <param name="sequence">The input.</param>
    /// <param name="logits">[tokens, V].</param>
    public static void Matches(GoldenModel golden, GoldenModel.Sequence sequence, ReadOnlySpan<float> logits)
    {
        int count = sequence.InputIds.Length, vocabulary = logits.Length / count;
        double sum = 0;
        for (int row = 0; row < count; row++)
        {
            float[] values = logits.Slice(row * vocabulary, vocabulary).ToArray();
            Assert.Equal(sequence.Argmax[row], Array.IndexOf(values, values.Max()));
            int fromEnd = row - (count - sequence.LogitsLast3.Length);
            if (fromEnd >= 0)
                for (int i = 0; i < vocabulary; i++) Assert.InRange(values[i] - sequence.LogitsLast3[fromEnd][i], -golden.Tolerance, golden.Tolerance);
            if (row + 1 < count) sum += NegativeLogLikelihood(values, sequence.InputIds[row + 1]);
        }

        // A mean of log-likelihoods moves by at most twice the largest movement of a logit.
        Assert.Equal(sequence.CrossEntropy, sum / (count - 1), 2 * golden.Tolerance);
    }

    private static double NegativeLogLikelihood(float[] logits, int label)
    {
        double max = logits.Max();
        return Math.Log(logits.Sum(logit => Math.Exp(logit - max))) + max - logits[label];
    }
}
