namespace Caravan.Weights;

/// <summary>Adds up how two predictions of the same tokens differ.</summary>
internal sealed class DivergenceSums
{
    private readonly LossSums expected = new(), found = new();
    private int same;
    private double divergence, largest;

    /// <summary>Adds the logits [V] from which both models predict <paramref name="token"/>; false when they are not finite.</summary>
    public bool Add(ReadOnlySpan<float> expectedLogits, ReadOnlySpan<float> foundLogits, int token)
    {
        double expectedOffset = LossSums.LogSumExp(expectedLogits), foundOffset = LossSums.LogSumExp(foundLogits);
        double sum = 0;
        (int expectedTop, int foundTop) = (0, 0);
        for (int i = 0; i < expectedLogits.Length; i++)
        {
            double logProbability = expectedLogits[i] - expectedOffset;
            if (Math.Exp(logProbability) is > 0 and var probability) sum += probability * (logProbability - (foundLogits[i] - foundOffset));
            if (expectedLogits[i] > expectedLogits[expectedTop]) expectedTop = i;
            if (foundLogits[i] > foundLogits[foundTop]) foundTop = i;
        }

        expected.Add(expectedOffset - expectedLogits[token]);
        found.Add(foundOffset - foundLogits[token]);
        if (expectedTop == foundTop) same++;
        divergence += sum;
        largest = Math.Max(largest, sum);
        return double.IsFinite(expected.Total) && double.IsFinite(found.Total);
    }

    /// <summary>The means.</summary>
    public QuantizationLoss Result() => new()
    {
        Tokens = expected.Tokens,
        OriginalPerplexity = expected.Perplexity,
        QuantizedPerplexity = found.Perplexity,
        MeanDivergence = divergence / expected.Tokens,
        LargestDivergence = largest,
        SameTopToken = (double)same / expected.Tokens,
    };
}
