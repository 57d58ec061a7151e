namespace Caravan.Tensors;

/// <summary>What a linear layer learns.</summary>
/// <param name="Weight">[O, K], any real type.</param>
/// <param name="Bias">[O] F32; null means 0.</param>
internal readonly record struct LinearWeights(Tensor Weight, Tensor? Bias = null);
