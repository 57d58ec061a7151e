namespace Caravan.Training;

/// <summary>A policy's loss over the tokens of a batch.</summary>
/// <param name="Loss">The number to lower.</param>
/// <param name="Gradient">∂loss/∂log π of each token.</param>
/// <param name="ClippedShare">The share of tokens whose surrogate was clipped.</param>
/// <param name="OldKlSquared">KL(π_old ‖ π) by <see cref="KlEstimator.K2"/>.</param>
/// <param name="OldKl">KL(π_old ‖ π) by <see cref="KlEstimator.K1"/>.</param>
internal sealed record PolicyLossResult(double Loss, double[] Gradient, double ClippedShare, double OldKlSquared, double OldKl);
