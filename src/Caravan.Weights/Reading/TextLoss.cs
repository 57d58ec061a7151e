namespace Caravan.Weights;

/// <summary>How well a model predicts a text.</summary>
internal sealed record TextLoss
{
    /// <summary>Tokens that were predicted.</summary>
    public required int Tokens { get; init; }

    /// <summary>Bytes of the text, in UTF-8, that these tokens stand for.</summary>
    public required long Bytes { get; init; }

    /// <summary>Sum of −ln p over these tokens, in nats.</summary>
    public required double NegativeLogLikelihood { get; init; }

    /// <summary>exp of the mean.</summary>
    public required double Perplexity { get; init; }

    /// <summary>Standard error of the perplexity; null for a single token.</summary>
    public required double? StandardError { get; init; }

    /// <summary>Bits of information per byte, which compares models with different tokenizers; null where the tokens stand for no bytes.</summary>
    public double? BitsPerByte => Bytes == 0 ? null : NegativeLogLikelihood / Math.Log(2) / Bytes;

    /// <summary>Windows that were read.</summary>
    public required int Windows { get; init; }

    /// <summary>Tokens of a window.</summary>
    public required int Context { get; init; }

    /// <summary>Tokens from the beginning of a window to the beginning of the next.</summary>
    public required int Stride { get; init; }
}
