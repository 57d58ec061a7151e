namespace Caravan.Training;

/// <summary>What a step did.</summary>
/// <param name="Step">Its number, from 1.</param>
/// <param name="Loss">The loss before the parameters moved.</param>
/// <param name="GradientNorm">L2 norm of all gradients before clipping; 0 where there are none.</param>
/// <param name="LearningRate">The step's learning rate.</param>
/// <param name="Tokens">Tokens that passed through the model.</param>
/// <param name="Elapsed">How long it took.</param>
/// <param name="Observations">What the method saw, by name.</param>
internal sealed record StepReport(
    int Step, double Loss, double GradientNorm, double LearningRate, long Tokens, TimeSpan Elapsed, IReadOnlyDictionary<string, double> Observations);
