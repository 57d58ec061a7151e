using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Caravan.Training;

/// <summary>A reward that a rule gives to each answer by itself.</summary>
/// <param name="rule">The number of an answer.</param>
internal sealed partial class RuleReward(Func<Answer, double> rule) : Reward
{
    private static readonly TimeSpan LongestMatch = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public override double[] Score(IReadOnlyList<Answer> answers) => [.. answers.Select(rule)];

    /// <summary>1 for the expected text, blanks around it aside.</summary>
    public static RuleReward Exact(RewardSettings settings) => new(answer => Truth(answer.Text.Trim() == Expected(settings, answer).Trim()));

    /// <summary>1 where the expected text is in the answer.</summary>
    public static RuleReward Contains(RewardSettings settings) => new(answer => Truth(answer.Text.Contains(Expected(settings, answer), StringComparison.Ordinal)));

    /// <summary>1 where the last number of the answer is the expected one.</summary>
    public static RuleReward Number(RewardSettings settings) => new(answer =>
        Truth(Numbers().Matches(answer.Text) is [.., { } last] && Value(last.Value) is { } given && Value(Expected(settings, answer)) is { } wanted && given == wanted));

    /// <summary>1 where a pattern is found in the answer.</summary>
    public static RuleReward Pattern(RewardSettings settings)
    {
        Regex pattern = Compiled(settings, settings.Text);
        return new RuleReward(answer => Truth(Matches(pattern, answer.Text)));
    }

    /// <summary>1 where all of the answer is what a pattern describes; a dot is any character.</summary>
    public static RuleReward Format(RewardSettings settings)
    {
        Regex pattern = Compiled(settings, settings.Text is null ? null : $@"\A(?:{settings.Text})\z");
        return new RuleReward(answer => Truth(Matches(pattern, answer.Text.Trim())));
    }

    /// <summary>1 for valid JSON.</summary>
    public static RuleReward Json(RewardSettings settings) => new(answer => Truth(IsJson(answer.Text)));

    /// <summary>1 for an answer of so many tokens, falling to 0 for none or twice as many.</summary>
    public static RuleReward Length(RewardSettings settings) => new(answer => Math.Max(0, 1 - (Math.Abs(answer.Sequence.Counted - settings.Tokens) / (double)settings.Tokens)));

    /// <summary>1 for an answer that came to an end by itself.</summary>
    public static RuleReward Ended(RewardSettings settings) => new(answer => Truth(answer.Ended));

    private static double Truth(bool value) => value ? 1 : 0;

    private static string Expected(RewardSettings settings, Answer answer)
    {
        if (settings.Text is { } text) return text;
        JsonNode? field = (answer.Prompt.Source as PromptSample)?.Fields[settings.Field];
        return field?.ToString() ?? throw answer.Prompt.Source.Origin.Problem($"has no field '{settings.Field}', which the reward '{settings.Kind}' compares answers with; name another field, or a text.");
    }

    private static double? Value(string text) =>
        double.TryParse(text.Replace(",", "", StringComparison.Ordinal).Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : null;

    private static Regex Compiled(RewardSettings settings, string? pattern)
    {
        if (pattern is null) throw new CaravanException($"The reward '{settings.Kind}' needs a pattern; give it as text.");
        try
        {
            return new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.Singleline, LongestMatch);
        }
        catch (ArgumentException exception)
        {
            throw new CaravanException($"The pattern '{settings.Text}' of the reward '{settings.Kind}' is no regular expression: {exception.Message}", exception);
        }
    }

    /// <summary>A pattern that takes too long on an answer is not found in it.</summary>
    private static bool Matches(Regex pattern, string text)
    {
        try
        {
            return pattern.IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }

    private static bool IsJson(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    [GeneratedRegex(@"[-+]?[0-9][0-9,]*(?:\.[0-9]+)?")]
    private static partial Regex Numbers();
}
