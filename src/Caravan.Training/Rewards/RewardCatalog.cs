namespace Caravan.Training;

/// <summary>All rewards by name.</summary>
internal static class RewardCatalog
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<RewardEntry> All { get; } =
    [
        new("model", "Score of a reward model (model), a folder that the method reward_model wrote.", (settings, context) => new RewardModel(settings, context)),
        new("judge", "Rating of a chat model (model) that is asked a question (question), from 0 to 1.", (settings, context) => new JudgeReward(settings, context)),
        new("comparison", "Share of comparisons with other answers to the prompt that an answer wins before a chat model (model, question).", (settings, context) => new ComparisonReward(settings, context)),
        new("command", "What a program (command, seconds) says of the answer's file (file, code_only): the number on its last line, else 1 for exit code 0 and 0 for others.", (settings, _) => new CommandReward(settings)),
        new("exact", "1 for the expected text (field or text).", (settings, _) => RuleReward.Exact(settings)),
        new("contains", "1 where the expected text (field or text) is in the answer.", (settings, _) => RuleReward.Contains(settings)),
        new("number", "1 where the last number of the answer is the expected one (field or text).", (settings, _) => RuleReward.Number(settings)),
        new("regex", "1 where a pattern (text) is found in the answer.", (settings, _) => RuleReward.Pattern(settings)),
        new("format", "1 where all of the answer is what a pattern (text) describes.", (settings, _) => RuleReward.Format(settings)),
        new("json", "1 for an answer that is valid JSON.", (settings, _) => RuleReward.Json(settings)),
        new("length", "1 for an answer of so many tokens (tokens), falling to 0 for none or twice as many.", (settings, _) => RuleReward.Length(settings)),
        new("ended", "1 for an answer that came to an end by itself.", (settings, _) => RuleReward.Ended(settings)),
    ];

    /// <summary>The weighted sum of rewards.</summary>
    /// <param name="rewards">At least one.</param>
    /// <param name="context">What every method is given.</param>
    /// <param name="setting">Where they are named, for messages.</param>
    /// <exception cref="CaravanException">There is none, or one is unknown or cannot be made.</exception>
    public static Reward Sum(IReadOnlyList<RewardSettings> rewards, MethodContext context, string setting)
    {
        if (rewards.Count == 0) throw new CaravanException($"Nothing says what answers are worth; name at least one reward in {setting}, such as contains or model.");
        List<(Reward, double)> made = [];
        RewardSum sum = new(made);
        try
        {
            foreach (RewardSettings each in rewards) made.Add((Named(each.Kind).Make(each, context), each.Weight));
            return sum;
        }
        catch
        {
            sum.Dispose();
            throw;
        }
    }

    private static RewardEntry Named(string name)
    {
        string[] known = [.. All.Select(entry => entry.Name)];
        return All.FirstOrDefault(entry => entry.Name == name)
            ?? throw new CaravanException($"There is no reward '{name}'; {string.Join(", ", known)} are known.{Suggestion.DidYouMean(name, known)}");
    }
}

/// <summary>A reward that can be named.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Summary">What it is, with the settings that it reads, in one sentence.</param>
/// <param name="Make">Makes it.</param>
internal sealed record RewardEntry(string Name, string Summary, Func<RewardSettings, MethodContext, Reward> Make);
