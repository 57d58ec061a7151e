namespace Caravan.Training;

/// <summary>A stretch of an evaluation that stands in training data.</summary>
/// <param name="Training">Where in the training data.</param>
/// <param name="Evaluation">Where in the evaluation.</param>
/// <param name="Text">The stretch, as the training data spells it.</param>
internal readonly record struct ContaminationHit(Origin Training, Origin Evaluation, string Text);
