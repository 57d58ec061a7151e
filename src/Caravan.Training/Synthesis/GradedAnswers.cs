using System.Text.Json.Nodes;

namespace Caravan.Training.Synthesis;

/// <summary>A question and what a model answered.</summary>
/// <param name="Question">The question.</param>
/// <param name="Answers">Its answers.</param>
internal sealed record GradedAnswers(Question Question, IReadOnlyList<string> Answers)
{
    /// <summary>How many answers are right.</summary>
    public int Right => Answers.Count(Question.Check.Accepts);

    /// <summary>How many answers are JSON, right or not; null for questions that ask for none.</summary>
    public int? Valid => Question.Check is JsonCheck ? Answers.Count(JsonCheck.IsJson) : null;

    /// <summary>A right answer and a wrong one, as a sample to learn preferences from; null where there are not both.</summary>
    public PreferenceSample? Pair(Origin origin)
    {
        string? right = Answers.FirstOrDefault(Question.Check.Accepts), wrong = Answers.FirstOrDefault(answer => !Question.Check.Accepts(answer));
        return right is null || wrong is null ? null
            : new PreferenceSample(Passage.Of(Question.Messages, Question.Tools), Said(right), Said(wrong), Margin: null, origin);
    }

    private static Passage Said(string answer) => Passage.Of(new JsonArray(MessageList.Message("assistant", answer)));
}
