namespace Caravan.Training;

/// <summary>The methods by name.</summary>
internal static class MethodCatalog
{
    /// <summary>Every method.</summary>
    public static IReadOnlyList<MethodRow> All { get; } =
    [
        new("pretrain", "The next token of plain texts.", "Radford et al. 2018", (_, context) => new LanguageModeling(context)),
        new("sft", "The answers of conversations, given what stands before them.", "Ouyang et al. 2022, section 3.5", (_, context) => new LanguageModeling(context)),
        Pairs("dpo", "Preferred answers before others, beside a reference.", "Rafailov et al. 2023", settings => settings.Dpo),
    ];

    /// <summary>The method of that name.</summary>
    /// <exception cref="CaravanException">There is none.</exception>
    public static MethodRow Named(string name)
    {
        IEnumerable<string> names = All.Select(row => row.Name);
        return All.FirstOrDefault(row => row.Name == name)
            ?? throw new CaravanException($"There is no method '{name}'; there are {string.Join(", ", names)}.{Suggestion.DidYouMean(name, names)}");
    }

    private static MethodRow Pairs(string name, string summary, string paper, Func<TrainingSettings, PairLoss> loss) =>
        new(name, summary, paper, (settings, context) => new PairMethod(context, loss(settings))) { NeedsReference = settings => loss(settings).UsesReference };
}
