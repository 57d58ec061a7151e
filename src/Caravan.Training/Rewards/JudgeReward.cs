using System.Globalization;
using Caravan.Inference;

namespace Caravan.Training;

/// <summary>The rating of a chat model that is asked for one (Lee et al. 2023, "RLAIF": a score from 1 to 10, brought to 0 to 1).</summary>
/// <param name="settings">Which model, and what it is asked.</param>
/// <param name="context">What every method is given.</param>
internal sealed class JudgeReward(RewardSettings settings, MethodContext context) : Reward
{
    /// <summary>What it is asked when nothing else is said.</summary>
    public const string UsualQuestion =
        "Here is a conversation and an answer to it.\n\n[Conversation]\n{prompt}\n\n[Answer]\n{answer}\n\nHow good is the answer: is it right, helpful and harmless? " +
        "Reply with nothing but a number from 1 (useless) to 10 (perfect).";

    private const double Least = 1, Most = 10;

    private readonly Judge judge = new(settings.Model, Grammar.Regex("10|[1-9]"), context);

    /// <inheritdoc/>
    public override double[] Score(IReadOnlyList<Answer> answers)
    {
        string question = settings.Question ?? UsualQuestion;
        IReadOnlyList<string> replies = judge.Ask(answers.Select(answer => Judge.About(answer, question).Replace("{answer}", answer.Text, StringComparison.Ordinal)));
        return [.. answers.Zip(replies, Rating)];
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        judge.Dispose();
        base.Dispose();
    }

    private double Rating(Answer answer, string reply) =>
        double.TryParse(reply, NumberStyles.None, CultureInfo.InvariantCulture, out double number) && number is >= Least and <= Most
            ? (number - Least) / (Most - Least)
            : throw judge.Unreadable(answer, reply, "a number from 1 to 10");
}
