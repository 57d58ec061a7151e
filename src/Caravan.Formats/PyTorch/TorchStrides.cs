using Caravan.Kernels;

namespace Caravan.Formats;

/// <summary>Copies a strided tensor into row-major order.</summary>
internal static class TorchStrides
{
    /// <summary>Copies every element; the extent has been checked against <paramref name="source"/>.</summary>
    /// <param name="source">The storage, by element.</param>
    /// <param name="tensor">Offset, shape and strides; no dimension is zero.</param>
    /// <param name="target">As many elements as the shape has.</param>
    public static void Copy<T>(NativeSpan<T> source, TorchTensor tensor, NativeSpan<T> target)
        where T : unmanaged
    {
        int innermost = tensor.Shape.Length - 1;
        long columns = tensor.Shape[innermost];
        long step = tensor.Strides[innermost];
        long[] index = new long[innermost];
        long start = tensor.Offset;
        for (long row = 0; row < target.Length; row += columns)
        {
            for (long column = 0; column < columns; column++) target[row + column] = source[start + (column * step)];
            for (int i = innermost - 1; i >= 0; i--)
            {
                start += tensor.Strides[i];
                if (++index[i] < tensor.Shape[i]) break;
                start -= tensor.Strides[i] * tensor.Shape[i];
                index[i] = 0;
            }
        }
    }
}
