namespace Caravan.Cli;

/// <summary>Words that several verbs have before them.</summary>
internal static class VerbGroups
{
    /// <summary>What the help says about a word.</summary>
    public static string SummaryOf(string group) => group switch
    {
        "adapter" => "Look at adapters, and merge them into models.",
        "data" => "Make, learn from, and look at data for training.",
        "catalog" => "Look up models, frameworks, methods and benchmarks.",
        "eval" => "Measure how good a model is.",
        _ => throw new ArgumentOutOfRangeException(nameof(group), group, "The word has no summary."),
    };
}
