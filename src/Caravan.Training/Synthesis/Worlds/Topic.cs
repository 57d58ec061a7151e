namespace Caravan.Training.Synthesis;

/// <summary>Something people say to a model before they have a task, and what it answers.</summary>
/// <param name="Asks">How it is said.</param>
/// <param name="Answers">What is answered.</param>
/// <param name="Words">What every right answer has; any answer has none.</param>
internal sealed record Topic(Phrase Asks, Phrase Answers, params IReadOnlyList<string> Words);
