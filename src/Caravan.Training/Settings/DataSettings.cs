namespace Caravan.Training;

/// <summary>A file to learn from.</summary>
internal sealed record DataSettings
{
    /// <summary>Where it is.</summary>
    [Setting("File of samples: .jsonl, .json, .csv, .tsv, .txt or .md, each also with .gz.", IsRequired = true, IsPath = true, IsShorthand = true)]
    public string Path { get; init; } = "";

    /// <summary>What its samples look like.</summary>
    [Setting("Format of its samples, such as messages, alpaca, sharegpt, preference, kto or text; told from the first ones when absent.")]
    public string? Format { get; init; }

    /// <summary>How often it is drawn from.</summary>
    [Setting("How often it is drawn from, relative to the others; files of one weight and format are drawn from as one pool, epoch by epoch.", Least = 0)]
    public double Weight { get; init; } = 1;
}
