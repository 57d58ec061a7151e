namespace Caravan.Training;

/// <summary>Something that answers are rewarded for. Each kind reads the settings that its row in <see cref="RewardCatalog"/> names.</summary>
internal sealed record RewardSettings
{
    /// <summary>Which reward.</summary>
    [Setting("Which reward: model, judge, comparison, command, exact, contains, regex, format, number, json, length or ended (docs/methods.md).", IsRequired = true, IsShorthand = true)]
    public string Kind { get; init; } = "";

    /// <summary>Its factor.</summary>
    [Setting("Factor in the sum of all rewards; negative for what is not wanted.")]
    public double Weight { get; init; } = 1;

    /// <summary>What answers are compared with.</summary>
    [Setting("exact, contains, number: field of the prompt's record that answers are compared with.")]
    public string Field { get; init; } = "answer";

    /// <summary>The same for all prompts.</summary>
    [Setting("exact, contains, number: text that answers to all prompts are compared with, in place of a field; regex, format: the pattern.")]
    public string? Text { get; init; }

    /// <summary>How long answers should be.</summary>
    [Setting("length: tokens that answers should have.", Least = 1)]
    public int Tokens { get; init; } = 64;

    /// <summary>Who rewards.</summary>
    [Setting("model, judge, comparison: the reward model, or the chat model that judges: a file or folder.", IsPath = true)]
    public string? Model { get; init; }

    /// <summary>What it has learnt.</summary>
    [Setting("model: folder with the adapter that the reward model learnt, and its score.safetensors; absent where it learnt all weights.", IsPath = true)]
    public string? Adapter { get; init; }

    /// <summary>What a judge is asked.</summary>
    [Setting("judge, comparison: what it is asked, where {prompt} and {answer}, or {first} and {second}, are put in; it replies with a number from 1 to 10, or with A or B. A usual question when absent.")]
    public string? Question { get; init; }

    /// <summary>What tests answers.</summary>
    [Setting("command: program and arguments that test an answer, in a folder made for it, where {answer} becomes the path of the answer's file and {record} that of the prompt's record. Never set it to what runs answers that may do harm outside a sandbox of your own.")]
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>The answer's file.</summary>
    [Setting("command: name of the answer's file.")]
    public string File { get; init; } = "answer.txt";

    /// <summary>What of the answer is written.</summary>
    [Setting("command: whether only the last fenced code block of an answer is written to the file, where there is one.")]
    public bool CodeOnly { get; init; } = true;

    /// <summary>Time limit.</summary>
    [Setting("command: seconds after which it is ended and counts as failed.", Least = 0.01)]
    public double Seconds { get; init; } = 10;
}
