using Caravan.Inference;

namespace Caravan.Training;

/// <summary>
/// How often a chat model prefers an answer to the next one to the same prompt, and to the one before it: the share that it wins. Each two are shown in
/// both orders, since judges prefer places (Lee et al. 2023, "RLAIF", section 2.1.1). An answer alone has nothing to win and gets 0.
/// </summary>
/// <param name="settings">Which model, and what it is asked.</param>
/// <param name="context">What every method is given.</param>
internal sealed class ComparisonReward(RewardSettings settings, MethodContext context) : Reward
{
    /// <summary>What it is asked when nothing else is said.</summary>
    public const string UsualQuestion =
        "Here is a conversation and two answers to it.\n\n[Conversation]\n{prompt}\n\n[Answer A]\n{first}\n\n[Answer B]\n{second}\n\nWhich answer is better: righter, more helpful and " +
        "less harmful? Reply with nothing but A or B.";

    private readonly Judge judge = new(settings.Model, Grammar.Regex("[AB]"), context);

    /// <inheritdoc/>
    public override double[] Score(IReadOnlyList<Answer> answers)
    {
        (int First, int Second)[] pairs = [.. Pairs(answers)];
        IReadOnlyList<string> replies = judge.Ask(pairs.Select(pair => Question(answers[pair.First], answers[pair.Second])));
        double[] won = new double[answers.Count];
        int[] compared = new int[answers.Count];
        for (int i = 0; i < pairs.Length; i++)
        {
            (int first, int second) = pairs[i];
            won[replies[i] switch { "A" => first, "B" => second, _ => throw judge.Unreadable(answers[first], replies[i], "A or B") }]++;
            compared[first]++;
            compared[second]++;
        }

        return [.. won.Zip(compared, (wins, all) => wins / Math.Max(1, all))];
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        judge.Dispose();
        base.Dispose();
    }

    /// <summary>Each answer with the next to its prompt, the last with the first, both ways round.</summary>
    private static IEnumerable<(int First, int Second)> Pairs(IReadOnlyList<Answer> answers)
    {
        foreach (IGrouping<EncodedSample, int> group in Enumerable.Range(0, answers.Count).GroupBy(i => answers[i].Prompt))
        {
            int[] own = [.. group];
            for (int i = 0; i < own.Length && own.Length > 1; i++)
            {
                yield return (own[i], own[(i + 1) % own.Length]);
                yield return (own[(i + 1) % own.Length], own[i]);
            }
        }
    }

    private string Question(Answer first, Answer second) => Judge.About(first, settings.Question ?? UsualQuestion)
        .Replace("{first}", first.Text, StringComparison.Ordinal).Replace("{second}", second.Text, StringComparison.Ordinal);
}
