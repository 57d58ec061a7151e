namespace Caravan.Weights;

/// <summary>Adds up how two predictions of the same tokens differ.</summary>
internal sealed class DivergenceSums(int vocabulary)
{
    private readonly double[] expected = new double[vocabulary], found = new double[vocabulary];
    private int tokens, same;
    private double expectedLoss, foundLoss, divergence, largest;

    /// <summary>Adds the logits from which both models predict <paramref name="token"/>.</summary>
    public void Add(ReadOnlySpan<float> expectedLogits, ReadOnlySpan<float> foundLogits, int token)
    {
        int expectedTop = LogProbabilities(expectedLogits, expected), foundTop = LogProbabilities(foundLogits, found);
        double sum = 0;
        for (int i = 0; i < vocabulary; i++)
            if (Math.Exp(expected[i]) is > 0 and var probability) sum += probability * (expected[i] - found[i]);
        tokens++;
        if (expectedTop == foundTop) same++;
        expectedLoss -= expected[token];
        foundLoss -= found[token];
        divergence += sum;
        largest = Math.Max(largest, sum);
    }

    /// <summary>The means.</summary>
    public QuantizationLoss Result() => new()
    {
        Tokens = tokens,
        OriginalPerplexity = Math.Exp(expectedLoss / tokens),
        QuantizedPerplexity = Math.Exp(foundLoss / tokens),
        MeanDivergence = divergence / tokens,
        LargestDivergence = largest,
        SameTopToken = (double)same / tokens,
    };

    /// <summary>Fills in the logarithms of the softmax and returns the most probable token.</summary>
    private static int LogProbabilities(ReadOnlySpan<float> logits, double[] result)
    {
        int top = 0;
        for (int i = 1; i < logits.Length; i++)
            if (logits[i] > logits[top]) top = i;
        double sum = 0;
        foreach (float logit in logits) sum += Math.Exp((double)logit - logits[top]);
        double offset = logits[top] + Math.Log(sum);
        for (int i = 0; i < logits.Length; i++) result[i] = logits[i] - offset;
        return top;
    }
}
