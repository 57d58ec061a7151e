using Caravan.Kernels;

namespace Caravan.Models;

/// <summary>How a model is loaded.</summary>
public sealed record ModelOptions
{
    /// <summary>True copies the weights to F32 and lets a tape follow them; false maps them read-only.</summary>
    public bool Trainable { get; init; }

    /// <summary>How matrices are kept while they are trained: F32, or BF16 where an F32 copy of each is kept for the optimizer.</summary>
    internal DType TrainedType { get; init; } = DType.F32;

    /// <summary>
    /// The type that the layers' matrices get as they are loaded, where they are not trained and in no block type yet: NF4 or another block type for QLoRA
    /// (Dettmers et al. 2023), in memory of their own. Embedding, head, and matrices whose rows do not fill blocks stay as they are. Null maps all.
    /// </summary>
    internal DType? FrozenType { get; init; }

    /// <summary>Makes weights from nothing where the folder holds a configuration alone; null reads them.</summary>
    internal StartingWeights? Starting { get; init; }

    /// <summary>
    /// True copies quantized weights at load into an order that serves several sequences at once better: it costs the time to read the whole
    /// file and memory that no other process shares. Such a model computes with 8-bit activations and on the widest instruction set only.
    /// </summary>
    public bool Repack { get; init; }

    /// <summary>True makes configuration keys and tensors that nobody reads an error instead of a report.</summary>
    public bool Strict { get; init; }

    /// <summary>Adapters that are attached, so that requests can name them; empty for none.</summary>
    public IReadOnlyList<AdapterSource> Adapters { get; init; } = [];

    /// <summary>A tokenizer file or folder to use instead of the model's own; null for its own.</summary>
    public string? TokenizerPath { get; init; }
}
