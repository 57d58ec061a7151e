namespace Caravan.Formats;

/// <summary>Arithmetic on shapes that come from files.</summary>
internal static class TensorShape
{
    /// <summary>Number of elements: the product of the dimensions, 0 when one of them is 0.</summary>
    /// <exception cref="OverflowException">The product needs more than 63 bits.</exception>
    public static long Elements(ReadOnlySpan<long> shape)
    {
        if (shape.Contains(0)) return 0;
        long elements = 1;
        foreach (long dimension in shape) elements = checked(elements * dimension);
        return elements;
    }
}
