using Caravan.Inference;
using Caravan.Kernels;

namespace Caravan.Cli;

/// <summary>What is measured.</summary>
internal sealed record BenchOptions
{
    /// <summary>Threads; 0 means one for each physical core.</summary>
    public int Threads { get; init; }

    /// <summary>Width of the kernels; null means the widest this processor has.</summary>
    public InstructionSet? InstructionSet { get; init; }

    /// <summary>Whether weights are copied at load into the order that many rows like best.</summary>
    public bool Repack { get; init; }

    /// <summary>How keys and values are kept.</summary>
    public DType KeyValueType { get; init; } = new EngineOptions().KeyValueType;

    /// <summary>Tokens of each prompt; 0 measures no prompts.</summary>
    public int Prompt { get; init; } = 512;

    /// <summary>Tokens that each sequence generates; 0 measures no generation.</summary>
    public int Generate { get; init; } = 64;

    /// <summary>Sequences computed together.</summary>
    public int Batch { get; init; } = 1;

    /// <summary>Tokens that each sequence has behind it when the clock starts.</summary>
    public int Depth { get; init; }

    /// <summary>Measured runs, after one to warm up.</summary>
    public int Repeat { get; init; } = 3;
}
