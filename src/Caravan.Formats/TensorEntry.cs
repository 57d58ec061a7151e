using System.Collections.Immutable;
using Caravan.Kernels;

namespace Caravan.Formats;

/// <summary>One tensor of a checkpoint, in place in the mapped file.</summary>
/// <param name="Name">The name the file gives it.</param>
/// <param name="DType">How its elements are stored.</param>
/// <param name="Shape">Dimensions, outermost first (PyTorch order: a linear weight is <c>[out, in]</c>), whatever order the file uses.</param>
/// <param name="Data">Its bytes, contiguous and row-major; valid until the checkpoint is disposed.</param>
public sealed record TensorEntry(string Name, DType DType, ImmutableArray<long> Shape, NativeSpan<byte> Data)
{
    /// <summary>Number of elements: the product of the dimensions.</summary>
    public long Elements => Shape.Aggregate(1L, (product, dimension) => product * dimension);

    /// <summary>The shape as text, such as <c>[32000, 4096]</c>.</summary>
    public string ShapeText => $"[{string.Join(", ", Shape)}]";
}
