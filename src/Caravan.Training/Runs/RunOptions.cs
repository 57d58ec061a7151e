namespace Caravan.Training;

/// <summary>How long a run goes on, when it looks at held-out data, and what it keeps.</summary>
internal sealed record RunOptions
{
    /// <summary>Steps in all.</summary>
    public required int Steps { get; init; }

    /// <summary>The folder of the run: checkpoints, <c>metrics.jsonl</c>, the report and the result.</summary>
    public required string Folder { get; init; }

    /// <summary>Steps between looks at held-out data; 0 for never. There is one after the last step too.</summary>
    public int EvaluateEvery { get; init; }

    /// <summary>Steps between checkpoints; 0 for none but the one at the end.</summary>
    public int SaveEvery { get; init; } = 200;

    /// <summary>How many of the latest checkpoints are kept beside the best.</summary>
    public int Keep { get; init; } = 2;

    /// <summary>After how many looks at held-out data without a lower loss the run ends; 0 for never.</summary>
    public int Patience { get; init; }

    /// <summary>Whether a run that was interrupted in this folder goes on; else the folder must hold none.</summary>
    public bool Resume { get; init; }
}
