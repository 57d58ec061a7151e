using Caravan.Kernels;

namespace Caravan.Weights;

/// <summary>What a conversion did.</summary>
public sealed record ConvertReport
{
    /// <summary>What was read: path and format.</summary>
    public required string Source { get; init; }

    /// <summary>What was written: a GGUF file or a folder.</summary>
    public required string Target { get; init; }

    /// <summary>The target's format.</summary>
    public required ConvertFormat Format { get; init; }

    /// <summary>Tensors written.</summary>
    public required int Tensors { get; init; }

    /// <summary>Bytes of everything written.</summary>
    public required long Bytes { get; init; }

    /// <summary>How many tensors each type was given to.</summary>
    public required IReadOnlyDictionary<DType, int> Types { get; init; }

    /// <summary>What of the source is not in the target, and why.</summary>
    public required IReadOnlyList<ConvertOmission> LeftOut { get; init; }

    /// <summary>Choices worth knowing, in sentences: types that fell back, a missing tokenizer.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>How long it took.</summary>
    public required TimeSpan Elapsed { get; init; }
}
