using Caravan.Tensors;

namespace Caravan.Models;

/// <summary>A weight and where it lies in the checkpoint.</summary>
/// <param name="Weight">[rows, columns], over the mapped file.</param>
/// <param name="Source">The tensor of the file, or the part of it.</param>
internal readonly record struct MappedMatrix(Tensor Weight, WeightSource Source);
