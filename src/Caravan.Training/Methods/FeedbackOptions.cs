namespace Caravan.Training;

/// <summary>How a model learns from a judge.</summary>
internal sealed record RlaifOptions : RlooOptions
{
    /// <summary>Who judges.</summary>
    [Setting("Chat model that rates answers in place of people: a file or folder.", IsPath = true)]
    public string? Judge { get; init; }

    /// <summary>Whether it compares.</summary>
    [Setting("Whether the judge compares answers to a prompt with each other instead of rating each by itself.")]
    public bool Compares { get; init; }

    /// <summary>What it is asked.</summary>
    [Setting("What the judge is asked, where {prompt} and {answer}, or {first} and {second}, are put in; it replies with a number from 1 to 10, or with A or B. A usual question when absent.")]
    public string? Question { get; init; }

    /// <summary>The same with the judge among the rewards.</summary>
    public RlooOptions Judged() => this with { Rewards = [new RewardSettings { Kind = Compares ? "comparison" : "judge", Model = Judge, Question = Question }, .. Rewards] };
}

/// <summary>How a model learns from unit tests.</summary>
internal sealed record RltfOptions : GrpoOptions
{
    /// <summary>What tests.</summary>
    [Setting("Program and arguments that test an answer, in a folder made for it, where {answer} becomes the path of the answer's file and {record} that of the prompt's record. It decides what is run of answers, and in which sandbox.")]
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>The answer's file.</summary>
    [Setting("Name of the answer's file; the last fenced code block of an answer is written to it, or all of an answer without one.")]
    public string File { get; init; } = "answer.txt";

    /// <summary>Time limit.</summary>
    [Setting("Seconds after which a test is ended and counts as failed.", Least = 0.01)]
    public double Seconds { get; init; } = 10;

    /// <summary>The same with the tests among the rewards.</summary>
    public GrpoOptions Tested() => this with { Rewards = [new RewardSettings { Kind = "command", Command = Command, File = File, Seconds = Seconds }, .. Rewards] };
}
