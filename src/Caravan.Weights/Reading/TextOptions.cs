using Caravan.Kernels;
using Caravan.Models;

namespace Caravan.Weights;

/// <summary>How a model reads a text to be observed or measured.</summary>
internal sealed record TextOptions
{
    /// <summary>The window when nothing is said, as for llama-imatrix and llama-perplexity.</summary>
    public const int UsualContext = 512;

    /// <summary>What messages call the text.</summary>
    public string Name { get; init; } = "The text";

    /// <summary>Tokens of a window, which see each other; null means 512, or what the model was trained for if that is less.</summary>
    public int? Context { get; init; }

    /// <summary>
    /// Tokens from the beginning of a window to the beginning of the next. Null means half a window: every token but those of the first window
    /// is then predicted from half a window at least. As many as a window has means that windows do not overlap.
    /// </summary>
    public int? Stride { get; init; }

    /// <summary>Most windows that are read; 0 means the whole text.</summary>
    public int MaxWindows { get; init; }

    /// <summary>Threads that share the work; 0 means one for each physical core.</summary>
    public int Threads { get; init; }

    /// <summary>Width of the kernels; null means the widest this processor has.</summary>
    public InstructionSet? InstructionSet { get; init; }

    /// <summary>How activations meet quantized weights.</summary>
    public ActivationPrecision Precision { get; init; } = ActivationPrecision.Exact;

    /// <summary>Tokens of a window for a model.</summary>
    public int ContextFor(Model model) => Context ?? Math.Min(UsualContext, model.Decoder.Spec.ContextLength);
}
