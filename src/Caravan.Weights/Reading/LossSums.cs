namespace Caravan.Weights;

/// <summary>
/// Adds up how well tokens were predicted: losses l = −ln p(token | tokens before it), in nats, in double and in the order of the text.
/// </summary>
internal sealed class LossSums
{
    private double mean, squares;

    /// <summary>Tokens that were predicted.</summary>
    public int Tokens { get; private set; }

    /// <summary>Σ l.</summary>
    public double Total { get; private set; }

    /// <summary>exp(Σ l / n).</summary>
    public double Perplexity => Math.Exp(Total / Tokens);

    /// <summary>
    /// The standard error of <see cref="Perplexity"/>: perplexity · s / √n, with the sample's deviation s of l (n − 1 in its divisor); by the delta method,
    /// as though losses did not depend on each other. Null for a single token.
    /// </summary>
    public double? StandardError => Tokens < 2 ? null : Perplexity * Math.Sqrt(squares / (Tokens - 1) / Tokens);

    /// <summary>Adds the loss of a token. The deviation is updated as by Welford 1962, "Note on a Method for Calculating Corrected Sums of Squares and Products".</summary>
    public void Add(double loss)
    {
        Tokens++;
        Total += loss;
        double difference = loss - mean;
        mean += difference / Tokens;
        squares += difference * (loss - mean);
    }

    /// <summary>The logarithm of the sum of the exponentials of logits: ln p(i) = logits[i] − this.</summary>
    public static double LogSumExp(ReadOnlySpan<float> logits)
    {
        double largest = double.NegativeInfinity, sum = 0;
        foreach (float logit in logits) largest = Math.Max(largest, logit);
        foreach (float logit in logits) sum += Math.Exp(logit - largest);
        return largest + Math.Log(sum);
    }
}
