namespace Caravan.Kernels;

/// <summary>The numbers of one AdamW step.</summary>
/// <param name="LearningRate">Step size.</param>
/// <param name="Beta1">Decay of the first moment.</param>
/// <param name="Beta2">Decay of the second moment.</param>
/// <param name="Epsilon">Added to the root of the second moment.</param>
/// <param name="WeightDecay">Decoupled decay; 0 for none.</param>
/// <param name="Step">Number of this step, from 1.</param>
/// <param name="GradientScale">Factor of the gradient, as gradient clipping wants it; 1 for none.</param>
internal readonly record struct AdamWStep(
    float LearningRate, float Beta1, float Beta2, float Epsilon, float WeightDecay, int Step, float GradientScale = 1);
