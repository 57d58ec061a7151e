namespace Caravan.Weights;

/// <summary>What quantizing cost: two models on the same text.</summary>
internal sealed record QuantizationLoss
{
    /// <summary>Tokens that were predicted.</summary>
    public required int Tokens { get; init; }

    /// <summary>exp of the mean negative log-likelihood, original.</summary>
    public required double OriginalPerplexity { get; init; }

    /// <summary>exp of the mean negative log-likelihood, quantized.</summary>
    public required double QuantizedPerplexity { get; init; }

    /// <summary>Mean Kullback-Leibler divergence of the quantized model's predictions from the original's, in nats per token; 0 means no change.</summary>
    public required double MeanDivergence { get; init; }

    /// <summary>The largest divergence of a token, in nats.</summary>
    public required double LargestDivergence { get; init; }

    /// <summary>Part of the tokens, 0 to 1, for which both think the same token the most probable.</summary>
    public required double SameTopToken { get; init; }
}
