namespace Caravan.Training.Synthesis;

/// <summary>How well a model did in one skill.</summary>
/// <param name="Skill">Its name.</param>
/// <param name="Questions">Questions that were asked.</param>
/// <param name="Answers">Answers that were given.</param>
/// <param name="Right">How many are right.</param>
/// <param name="Valid">How many are JSON, of those that had to be (<paramref name="Asked"/>); null where none had to.</param>
/// <param name="Asked">Answers that had to be JSON.</param>
internal sealed record SkillScore(string Skill, int Questions, int Answers, int Right, int? Valid, int Asked)
{
    /// <summary>Right answers of all, 0 to 1.</summary>
    public double Accuracy => (double)Right / Answers;

    /// <summary>Valid JSON of all that had to be, 0 to 1; null where none had to.</summary>
    public double? ValidShare => (double?)Valid / Asked;

    /// <summary>The scores by skill, in the order of names.</summary>
    public static IReadOnlyList<SkillScore> Of(IEnumerable<GradedAnswers> graded) =>
    [
        .. graded.GroupBy(each => each.Question.Skill).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => new SkillScore(
            group.Key, group.Count(), group.Sum(each => each.Answers.Count), group.Sum(each => each.Right),
            group.Any(each => each.Valid is not null) ? group.Sum(each => each.Valid ?? 0) : null,
            group.Where(each => each.Valid is not null).Sum(each => each.Answers.Count))),
    ];
}
