using Caravan.Kernels;

namespace Caravan.Weights;

/// <summary>How a checkpoint is converted.</summary>
public sealed record ConvertOptions
{
    /// <summary>
    /// The type of the matrices; null keeps each tensor's own. In GGUF files vectors (norms, biases) are always F32, as llama.cpp wants them,
    /// and rows that do not fill the blocks of a type fall back to another, which the report says.
    /// Token embedding and head get this type too.
    /// </summary>
    public DType? Type { get; init; }

    /// <summary>Types that differ between tensors; takes the place of <see cref="Type"/>. See <see cref="Quantizer"/>.</summary>
    internal QuantizationMix? Mix { get; init; }

    /// <summary>How much the columns of each matrix matter to encoders; null for equally.</summary>
    internal ImportanceMatrix? Importance { get; init; }

    /// <summary>What to write; null goes by the target's name: a GGUF file if it ends in <c>.gguf</c>, else a folder.</summary>
    public ConvertFormat? Format { get; init; }

    /// <summary>Whether a model that is there already is replaced; false refuses.</summary>
    public bool Overwrite { get; init; }

    /// <summary>A tokenizer (file or folder) to take instead of the source's own; null by default.</summary>
    public string? TokenizerPath { get; init; }

    /// <summary>Tensor bytes from which a folder's weights are cut into shards; GGUF files are always whole. 5 GB by default.</summary>
    public long MaxShardBytes { get; init; } = 5_000_000_000;

    /// <summary>Threads that encode; 0 means one for each physical core.</summary>
    public int Threads { get; init; }

    /// <summary>
    /// Whether a rotary scaling that the target has no words for is left out (and reported) instead of refused. Dynamic scaling, for which
    /// GGUF has none, changes nothing up to the trained context, so a file without it is right until then.
    /// </summary>
    public bool DropRotaryScaling { get; init; }
}
