namespace Caravan.Weights;

/// <summary>How a model reads a text to be observed or measured.</summary>
internal sealed record TextOptions
{
    /// <summary>Tokens that see each other; less when the model was trained for less. 512 by default, as for llama-imatrix and llama-perplexity.</summary>
    public int ChunkTokens { get; init; } = 512;

    /// <summary>Most chunks that are read; 0 means the whole text.</summary>
    public int MaxChunks { get; init; }

    /// <summary>Threads that share the work; 0 means one for each processor.</summary>
    public int Threads { get; init; }
}
