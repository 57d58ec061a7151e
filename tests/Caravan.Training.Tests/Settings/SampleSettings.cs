namespace Caravan.Training.Tests;

/// <summary>A record with every kind of setting.</summary>
internal sealed record SampleSettings
{
    [Setting("How many.", Least = 1)]
    public int Count { get; init; } = 3;

    [Setting("How fast.", Least = 0, Most = 2)]
    public double Rate { get; init; } = 1;

    [Setting("What.")]
    public string? Text { get; init; }

    [Setting("Which.")]
    public SampleMode Mode { get; init; }

    [Setting("Whether.")]
    public bool On { get; init; }

    [Setting("What may be absent.")]
    public int? Absent { get; init; }

    [Setting("Which files.", IsPath = true)]
    public IReadOnlyList<SampleFile> Files { get; init; } = [];

    [Setting("Which words.")]
    public IReadOnlyList<string> Words { get; init; } = [];

    [Setting("A section that need not be there.")]
    public SamplePart? Part { get; init; }

    [Setting("A section that is always there.")]
    public SamplePart Other { get; init; } = new() { Name = "changed" };
}

internal enum SampleMode
{
    First,
    SecondOne,
}

internal sealed record SampleFile
{
    [Setting("Where it is.", IsRequired = true, IsPath = true, IsShorthand = true)]
    public string Path { get; init; } = "";

    [Setting("How often.")]
    public double Weight { get; init; } = 1;
}

internal sealed record SamplePart
{
    [Setting("Its name.", IsShorthand = true)]
    public string Name { get; init; } = "plain";

    [Setting("Its size.")]
    public int Size { get; init; } = 3;
}
