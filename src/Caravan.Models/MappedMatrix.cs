using Caravan.Formats;
using Caravan.Tensors;

namespace Caravan.Models;

/// <summary>A weight and where it lies in the checkpoint.</summary>
/// <param name="Weight">[rows, columns], over the mapped file.</param>
/// <param name="Entry">The tensor of the file.</param>
/// <param name="Slice">Its number in a stack of experts; null when the tensor is the weight.</param>
internal readonly record struct MappedMatrix(Tensor Weight, TensorEntry Entry, int? Slice);
