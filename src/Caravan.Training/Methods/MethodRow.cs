namespace Caravan.Training;

/// <summary>A method by its name.</summary>
/// <param name="Name">Its name, which is its section's in the settings too.</param>
/// <param name="Summary">What is learnt, in one sentence.</param>
/// <param name="Paper">Where it was described.</param>
/// <param name="Samples">What it learns from.</param>
/// <param name="Create">Makes it; fails where something that it needs was not named or cannot be read.</param>
internal sealed record MethodRow(string Name, string Summary, string Paper, SampleKind Samples, Func<TrainingSettings, MethodContext, Method> Create)
{
    /// <summary>The record of its options; null for none.</summary>
    public Type? Options { get; init; }

    /// <summary>Whether it compares with the model as it was.</summary>
    public Func<TrainingSettings, bool> NeedsReference { get; init; } = _ => false;

    /// <summary>Changes samples before they are written in the model's format; null for none.</summary>
    public Func<TrainingSettings, Func<Sample, Sample>>? Rewrite { get; init; }

    /// <summary>A method with options.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="summary">What is learnt.</param>
    /// <param name="paper">Where it was described.</param>
    /// <param name="samples">What it learns from.</param>
    /// <param name="section">Its options in the settings.</param>
    /// <param name="create">Makes it.</param>
    /// <param name="needsReference">Whether it compares with the model as it was; null for never.</param>
    public static MethodRow With<TOptions>(
        string name, string summary, string paper, SampleKind samples, Func<TrainingSettings, TOptions> section, Func<MethodContext, TOptions, Method> create,
        Func<TOptions, bool>? needsReference = null) =>
        new(name, summary, paper, samples, (settings, context) => create(context, section(settings)))
        {
            Options = typeof(TOptions), NeedsReference = settings => needsReference?.Invoke(section(settings)) ?? false,
        };
}
