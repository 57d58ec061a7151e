using Caravan.Kernels;

namespace Caravan.Formats;

/// <summary>An element type of safetensors files.</summary>
/// <param name="Name">Its name in the header.</param>
/// <param name="Bits">Bits per element; 0 when the name is not known.</param>
/// <param name="DType">Caravan's type, or null when Caravan cannot read it.</param>
internal sealed record SafetensorsType(string Name, int Bits, DType? DType);
