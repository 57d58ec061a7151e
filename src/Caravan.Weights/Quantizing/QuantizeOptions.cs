namespace Caravan.Weights;

/// <summary>How a model is quantized.</summary>
public sealed record QuantizeOptions
{
    /// <summary>Which tensors get which types; <c>q4_k_m</c> by default.</summary>
    public QuantizationMix Mix { get; init; } = QuantizationMix.Parse("q4_k_m");

    /// <summary>How much the columns of each matrix matter; null for equally, by the weights alone.</summary>
    public ImportanceMatrix? Importance { get; init; }

    /// <summary>Threads that encode; 0 means one for each physical core.</summary>
    public int Threads { get; init; }

    /// <summary>Whether a file that is there already is replaced; false refuses.</summary>
    public bool Overwrite { get; init; }

    /// <summary>A tokenizer (file or folder) to take instead of the source's own; null by default.</summary>
    public string? TokenizerPath { get; init; }
}
