using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

/// <summary>Looks for values that are too large.</summary>
internal static unsafe class MagnitudeScan
{
    /// <summary>
    /// The index of the first value whose magnitude is at least <paramref name="limit"/>, or -1; NaN counts as larger than everything.
    /// With sign bit cleared, the bits of floats are ordered as their magnitudes, infinity and NaN last.
    /// </summary>
    internal static long FirstAtLeast(float* values, long count, float limit)
    {
        int bound = BitConverter.SingleToInt32Bits(limit) - 1;
        Vector256<int> magnitudeBits = Vector256.Create(0x7FFF_FFFF);
        long i = 0;
        for (; i <= count - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            Vector256<int> magnitude = Vector256.Load((int*)values + i) & magnitudeBits;
            if (Vector256.GreaterThanAny(magnitude, Vector256.Create(bound))) break;
        }

        for (; i < count; i++)
            if ((((int*)values)[i] & 0x7FFF_FFFF) > bound) return i;
        return -1;
    }
}
