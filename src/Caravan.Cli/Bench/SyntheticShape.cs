namespace Caravan.Cli;

/// <summary>The sizes of a LLaMA-like model to be filled with random weights.</summary>
internal sealed record SyntheticShape
{
    /// <summary>What is typed.</summary>
    public required string Name { get; init; }

    /// <summary>Number of layers.</summary>
    public required int Layers { get; init; }

    /// <summary>Features of a row.</summary>
    public required int Hidden { get; init; }

    /// <summary>Query heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Key and value heads.</summary>
    public required int KeyValueHeads { get; init; }

    /// <summary>Features inside the MLP, or inside each expert.</summary>
    public required int FeedForward { get; init; }

    /// <summary>Experts of each layer; 0 for one MLP that all tokens pass.</summary>
    public int Experts { get; init; }

    /// <summary>Experts that each token passes.</summary>
    public int ExpertsPerToken { get; init; }

    /// <summary>Tokens of the vocabulary.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>Tokens a text may have.</summary>
    public required int Context { get; init; }

    /// <summary>Features of a head.</summary>
    public int HeadSize => Hidden / Heads;

    /// <summary>Features of all key heads together.</summary>
    public int KeyValueSize => KeyValueHeads * HeadSize;
}
