namespace Caravan.Cli;

/// <summary>One measured run: what the model did, and what the machine gave meanwhile.</summary>
internal sealed record BenchRun
{
    /// <summary>Prompt tokens per second of all sequences together; null when not measured.</summary>
    public required double? Prompt { get; init; }

    /// <summary>Generated tokens per second of all sequences together; null when not measured.</summary>
    public required double? Generate { get; init; }

    /// <summary>Generated tokens per second of a sequence alone; null when not measured, or when there is only one.</summary>
    public required double? Alone { get; init; }

    /// <summary>Prompt tokens per second if only the linear layers took time; null when prompts were not measured.</summary>
    public required double? LinearLimit { get; init; }

    /// <summary>Bytes per second that the same threads load from memory.</summary>
    public required double ReadBytesPerSecond { get; init; }

    /// <summary>Seconds per empty parallel region.</summary>
    public required double RegionSeconds { get; init; }
}
