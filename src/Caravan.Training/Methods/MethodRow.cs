namespace Caravan.Training;

/// <summary>A method by name.</summary>
/// <param name="Name">How settings name it.</param>
/// <param name="Summary">What it learns from, in a sentence.</param>
/// <param name="Paper">Where it comes from.</param>
/// <param name="Create">What makes it.</param>
internal sealed record MethodRow(string Name, string Summary, string Paper, Func<TrainingSettings, MethodContext, Method> Create)
{
    /// <summary>Whether it compares the model with what it was before, given the settings.</summary>
    public Func<TrainingSettings, bool> NeedsReference { get; init; } = _ => false;
}
