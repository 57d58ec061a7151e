namespace Caravan.Weights;

/// <summary>What a tensor is to a model, as far as its type may depend on it.</summary>
internal enum TensorRole
{
    /// <summary>Everything without a rule of its own.</summary>
    Other,

    /// <summary>The token embedding, unless it is also the head.</summary>
    Embedding,

    /// <summary>The projection to the vocabulary; an embedding that is used as one counts as the head.</summary>
    Head,

    /// <summary>The projection to keys.</summary>
    AttentionKey,

    /// <summary>The projection to values.</summary>
    AttentionValue,

    /// <summary>The projection back from attention.</summary>
    AttentionOutput,

    /// <summary>The second projection of a feed-forward block, or of the experts.</summary>
    FeedForwardDown,

    /// <summary>The projection that chooses experts; never quantized.</summary>
    Router,

    /// <summary>A table that a recurrence or a convolution reads element by element, or a narrow layer that steers one; never quantized.</summary>
    Recurrence,
}
