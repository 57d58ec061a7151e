using Caravan.Kernels;

namespace Caravan.Cli;

/// <summary>What was measured.</summary>
internal sealed record BenchReport
{
    /// <summary>Tokens per second of all sequences together, reading prompts, one number a run; empty when not measured.</summary>
    public required IReadOnlyList<double> Prompt { get; init; }

    /// <summary>Tokens per second of all sequences together, generating, one number a run; empty when not measured.</summary>
    public required IReadOnlyList<double> Generate { get; init; }

    /// <summary>Bytes of all tensors that the model uses.</summary>
    public required long WeightBytes { get; init; }

    /// <summary>Bytes of the weights that each step of generation reads.</summary>
    public required long StepBytes { get; init; }

    /// <summary>How fast the same threads merely read the weights, measured beside each run.</summary>
    public required double MemoryBytesPerSecond { get; init; }

    /// <summary>How keys and values were kept.</summary>
    public required DType KeyValueType { get; init; }

    /// <summary>Bytes of keys and values of one token.</summary>
    public required long TokenBytes { get; init; }

    /// <summary>Threads that worked.</summary>
    public required int Threads { get; init; }

    /// <summary>The kernels in use.</summary>
    public required InstructionSet InstructionSet { get; init; }

    /// <summary>Opening the model and making an engine. Weights are mapped: their bytes come from the disk when they are first used.</summary>
    public required TimeSpan Load { get; init; }

    /// <summary>The same, and answering a prompt of one token with one token, for which every weight is read.</summary>
    public required TimeSpan FirstToken { get; init; }

    /// <summary>Most memory the process had at any time, mapped weights included.</summary>
    public required long PeakBytes { get; init; }

    /// <summary>Bytes of weights that generation reads in a second, when a step generates a token for each of <paramref name="batch"/> sequences.</summary>
    public double WeightBytesPerSecond(int batch) => Median(Generate) / batch * StepBytes;

    /// <summary>The middle of some numbers, which is not empty.</summary>
    public static double Median(IReadOnlyList<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
