using Caravan.Kernels;

namespace Caravan.Cli;

/// <summary>What was measured.</summary>
internal sealed record BenchReport
{
    /// <summary>The single runs, at least one.</summary>
    public required IReadOnlyList<BenchRun> Runs { get; init; }

    /// <summary>Sequences computed together.</summary>
    public required int Batch { get; init; }

    /// <summary>Bytes of all tensors that the model uses.</summary>
    public required long WeightBytes { get; init; }

    /// <summary>Bytes of the weights that each step of generation reads.</summary>
    public required long StepBytes { get; init; }

    /// <summary>Bytes of the pages of keys and values.</summary>
    public required long PageBytes { get; init; }

    /// <summary>Bytes of the states of recurrent layers.</summary>
    public required long StateBytes { get; init; }

    /// <summary>Additions and multiplications of the linear layers for each prompt token; 0 when prompts were not measured.</summary>
    public required double LinearOperationsPerToken { get; init; }

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

    /// <summary>Most memory the process had before the machine was measured, mapped weights included.</summary>
    public required long PeakBytes { get; init; }

    /// <summary>What is left of <see cref="PeakBytes"/> beside the weights that are read, the pages and the states: runtime, tokenizer, workspace.</summary>
    public long OtherBytes => PeakBytes - StepBytes - PageBytes - StateBytes;

    /// <summary>Prompt tokens per second, one number a run; empty when not measured.</summary>
    public IReadOnlyList<double> Prompt => Each(run => run.Prompt);

    /// <summary>Generated tokens per second, one number a run; empty when not measured.</summary>
    public IReadOnlyList<double> Generate => Each(run => run.Generate);

    /// <summary>Median generated tokens per second of a sequence alone; null when not measured.</summary>
    public double? Alone => MedianOf(run => run.Alone);

    /// <summary>How many times the tokens of a sequence alone all together generate; medians of single runs.</summary>
    public double? RatioToAlone => MedianOf(run => run.Generate / run.Alone);

    /// <summary>Bytes of weights that generation reads in a second: a step generates a token for each sequence.</summary>
    public double? WeightBytesPerSecond => MedianOf(run => run.Generate) / Batch * StepBytes;

    /// <summary>Bytes per second that the same threads load from memory.</summary>
    public double ReadBytesPerSecond => MedianOf(run => run.ReadBytesPerSecond)!.Value;

    /// <summary>Reading weights while generating as a part of merely reading memory, compared within runs; null when not measured.</summary>
    public double? ReadShare => MedianOf(run => run.Generate / Batch * StepBytes / run.ReadBytesPerSecond);

    /// <summary>Additions and multiplications per second of the linear layers alone; null when not measured.</summary>
    public double? LinearOperationsPerSecond => MedianOf(run => run.LinearLimit * LinearOperationsPerToken);

    /// <summary>Reading prompts as a part of what the linear layers alone allow, compared within runs; null when not measured.</summary>
    public double? LinearShare => MedianOf(run => run.Prompt / run.LinearLimit);

    /// <summary>Seconds per empty parallel region.</summary>
    public double RegionSeconds => MedianOf(run => run.RegionSeconds)!.Value;

    /// <summary>The middle of some numbers, which is not empty.</summary>
    public static double Median(IReadOnlyList<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private IReadOnlyList<double> Each(Func<BenchRun, double?> value) => [.. Runs.Select(value).OfType<double>()];

    private double? MedianOf(Func<BenchRun, double?> value) => Each(value) is { Count: > 0 } values ? Median(values) : null;
}
