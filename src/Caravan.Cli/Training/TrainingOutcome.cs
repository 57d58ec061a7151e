using Caravan.Training;

namespace Caravan.Cli;

/// <summary>What a run came to.</summary>
/// <param name="End">Why it ended.</param>
/// <param name="Steps">Steps that were taken, those before it was resumed among them.</param>
/// <param name="BestStep">The step with the lowest loss over held-out data; null for none.</param>
/// <param name="BestLoss">That loss; null for none.</param>
/// <param name="Written">The model that was written; null for none.</param>
/// <param name="Status">The last numbers.</param>
/// <param name="Elapsed">How long it took this time.</param>
internal sealed record TrainingOutcome(RunEnd End, int Steps, int? BestStep, double? BestLoss, string? Written, TrainingStatus Status, TimeSpan Elapsed);
