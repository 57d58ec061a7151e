using Caravan.Kernels;

namespace Caravan.Formats;

/// <summary>A tensor as a pickle describes it; nothing is checked against the storage before <see cref="TorchTensors"/> gives it its name.</summary>
/// <param name="Storage">Where its elements lie.</param>
/// <param name="DType">Their type; null for a type Caravan does not read.</param>
/// <param name="TypeName">The type as the file names it, for messages.</param>
/// <param name="Offset">The first element, counted in elements from the start of the storage.</param>
/// <param name="Shape">Dimensions, outermost first.</param>
/// <param name="Strides">Elements from one index to the next, per dimension.</param>
/// <param name="Negated">The stored values stand for their negatives (torch's lazy <c>neg</c>).</param>
internal sealed record TorchTensor(TorchStorage Storage, DType? DType, string TypeName, long Offset, long[] Shape, long[] Strides, bool Negated);
