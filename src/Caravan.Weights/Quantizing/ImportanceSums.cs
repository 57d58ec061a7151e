namespace Caravan.Weights;

/// <summary>What was added up for a matrix.</summary>
/// <param name="Squares">For each column the sum of squared inputs.</param>
/// <param name="Count">Number of inputs, at least 1.</param>
internal sealed record ImportanceSums(float[] Squares, float Count);
