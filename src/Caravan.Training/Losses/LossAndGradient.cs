namespace Caravan.Training;

/// <summary>A loss and its slope by each of its inputs.</summary>
/// <param name="Loss">The number to lower.</param>
/// <param name="Gradient">∂loss/∂input, an element for each input in their order.</param>
internal sealed record LossAndGradient(double Loss, double[] Gradient);
