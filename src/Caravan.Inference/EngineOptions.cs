using Caravan.Kernels;

namespace Caravan.Inference;

/// <summary>How an engine runs.</summary>
public sealed record EngineOptions
{
    /// <summary>Threads that share the work; 0 means one for each physical core.</summary>
    public int Threads { get; init; }

    /// <summary>Width of the kernels; null means the widest this processor has.</summary>
    public InstructionSet? InstructionSet { get; init; }

    /// <summary>How activations meet quantized weights; exact is slower and repeats what training computes.</summary>
    public ActivationPrecision Precision { get; init; } = ActivationPrecision.Int8;

    /// <summary>
    /// Most tokens of one sequence, prompt included; null means what the model was trained for, but at most <see cref="UsualContext"/>.
    /// More than the model was trained for is allowed when asked for.
    /// </summary>
    public int? ContextLength { get; init; }

    /// <summary>Tokens of keys and values kept for all sequences together; null means one sequence of <see cref="ContextLength"/>.</summary>
    public int? CacheTokens { get; init; }

    /// <summary>
    /// How keys and values are kept: F32, F16, Q8_0 or Q4_0. F16 is the usual choice: it takes half the memory and reading of F32, and rounds each
    /// number to 11 bits, where activations that meet quantized weights keep 8. The block types take 8.5 and 4.5 bits a number, and heads of a
    /// multiple of 32 features.
    /// </summary>
    public DType KeyValueType { get; init; } = DType.F16;

    /// <summary>Most tokens in one forward pass: longer prompts are prefilled in chunks.</summary>
    public int BatchTokens { get; init; } = 512;

    /// <summary>
    /// Most prompt tokens in a pass that also goes on with answers: few keep the answers flowing while prompts are read, many read the prompts
    /// sooner. From <see cref="BatchTokens"/> on it limits nothing.
    /// </summary>
    public int PromptTokensBesideAnswers { get; init; } = 64;

    /// <summary>
    /// Most sequences that run at once, the others wait; null means as many as <see cref="CacheTokens"/> have room for, but at most
    /// <see cref="UsualStates"/> of a model with recurrent layers, which keeps a state of fixed size for each.
    /// </summary>
    public int? Sequences { get; init; }

    /// <summary>What measurements call the model; null for the name of its file or folder.</summary>
    internal string? ModelName { get; init; }

    /// <summary>Most states kept when nothing is said.</summary>
    public const int UsualStates = 64;

    /// <summary>The context length used when nothing is said.</summary>
    public const int UsualContext = 4096;
}
