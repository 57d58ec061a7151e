using Caravan.Formats;
using Caravan.Tensors;

namespace Caravan.Models;

/// <summary>A weight and where it lies in the checkpoint.</summary>
/// <param name="Weight">[rows, columns], over the mapped file.</param>
/// <param name="Entry">The tensor of the file, or the part of a stack.</param>
internal readonly record struct MappedMatrix(Tensor Weight, TensorEntry Entry);
