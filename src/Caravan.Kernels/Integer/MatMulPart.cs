namespace Caravan.Kernels;

/// <summary>One matrix of weights that meets the activations of a product, and where its results go.</summary>
/// <param name="Type">Type of the weights.</param>
/// <param name="Weights">[outputs, columns] in blocks of the type.</param>
/// <param name="Y">[rows, outputs].</param>
/// <param name="Interleaved">Whether <see cref="KernelSet.Interleave"/> has moved the weights.</param>
internal readonly record struct MatMulPart(DType Type, NativeSpan<byte> Weights, NativeSpan<float> Y, bool Interleaved = false);
