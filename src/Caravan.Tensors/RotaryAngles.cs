namespace Caravan.Tensors;

/// <summary>The cosines and sines by which the rows of a batch are rotated, shared by all layers with the same rotary embedding.</summary>
/// <param name="Cosines">[N, pairs] F32, times the attention factor where a scaling has one.</param>
/// <param name="Sines">[N, pairs] F32, likewise.</param>
internal readonly record struct RotaryAngles(Tensor Cosines, Tensor Sines);
