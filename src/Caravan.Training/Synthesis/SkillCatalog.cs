namespace Caravan.Training.Synthesis;

/// <summary>Every skill, one line each.</summary>
internal static class SkillCatalog
{
    /// <summary>All skills.</summary>
    public static IReadOnlyList<Skill> All { get; } =
    [
        new Talk(),
        new Arithmetic(),
        new Lists(),
        new Reading(),
        new Extraction(),
        new Functions(),
        new Stories(),
    ];

    /// <summary>The skill of that name.</summary>
    /// <exception cref="CaravanException">There is none.</exception>
    public static Skill Find(string name) => All.FirstOrDefault(skill => skill.Name == name)
        ?? throw new CaravanException($"The skill '{name}' is not known; known are {string.Join(", ", All.Select(skill => skill.Name))}.{Suggestion.DidYouMean(name, All.Select(skill => skill.Name))}");
}
