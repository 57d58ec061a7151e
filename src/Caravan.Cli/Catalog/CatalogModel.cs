using Caravan.Models;

namespace Caravan.Cli;

/// <summary>What a model of the catalogue is to Caravan, as models.tsv judges it.</summary>
/// <param name="Families">Names that <see cref="FamilyCatalog"/> knows or will know; several where there are checkpoints of several.</param>
/// <param name="Template">The built-in chat template it was trained on, or null.</param>
/// <param name="Tokenizer">The kind of its tokenizer, or null where checkpoints differ.</param>
/// <param name="Sizes">Billions of parameters, ascending.</param>
/// <param name="Hub">A repository to pull, or null.</param>
/// <param name="WhyNot">Why there is nothing that any family could run, or null.</param>
internal sealed record CatalogModel(
    IReadOnlyList<string> Families, string? Template, string? Tokenizer, IReadOnlyList<double> Sizes, string? Hub, string? WhyNot)
{
    /// <summary>Whether one of its families is in Caravan.</summary>
    public bool IsRunnable => Families.Any(IsKnown);

    /// <summary>Why it does not run, in a clause; null when it does.</summary>
    public string? Problem => WhyNot ?? (IsRunnable ? null : $"the family {string.Join(" or ", Families)} is not in Caravan yet");

    /// <summary>Whether a family answers to a name: its own, or one in config.json or GGUF. Hyphens and underscores are alike.</summary>
    private static bool IsKnown(string name) =>
        FamilyCatalog.All.Any(family => family.ModelTypes.Concat(family.GgufArchitectures).Append(family.Name).Any(known => Plain(known) == Plain(name)));

    private static string Plain(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToLowerInvariant();
}
