namespace Caravan.Kernels;

/// <summary>The numbers of one step of stochastic gradient descent.</summary>
/// <param name="LearningRate">Step size.</param>
/// <param name="Momentum">Decay of the velocity; 0 for none.</param>
/// <param name="Nesterov">Whether the step looks ahead along the velocity.</param>
/// <param name="WeightDecay">Decay that is part of the gradient; 0 for none.</param>
/// <param name="GradientScale">Factor of the gradient, as gradient clipping wants it; 1 for none.</param>
internal readonly record struct SgdStep(float LearningRate, float Momentum = 0, bool Nesterov = false, float WeightDecay = 0, float GradientScale = 1);
