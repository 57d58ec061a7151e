namespace Caravan.Kernels;

/// <summary>The numbers of one Lion step.</summary>
/// <param name="LearningRate">Step size.</param>
/// <param name="Beta1">Share of the momentum in the step.</param>
/// <param name="Beta2">Decay of the momentum.</param>
/// <param name="WeightDecay">Decoupled decay; 0 for none.</param>
/// <param name="GradientScale">Factor of the gradient, as gradient clipping wants it; 1 for none.</param>
internal readonly record struct LionStep(float LearningRate, float Beta1, float Beta2, float WeightDecay = 0, float GradientScale = 1);
