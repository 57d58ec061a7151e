namespace Caravan.Kernels;

/// <summary>What the 32-element block types measure in a block before they round it.</summary>
internal static unsafe class BlockScale
{
    /// <summary>The value of largest magnitude, with its sign; the first of several.</summary>
    internal static float SignedLargest(float* values, int count)
    {
        float largest = 0;
        for (int i = 0; i < count; i++)
            if (MathF.Abs(values[i]) > MathF.Abs(largest)) largest = values[i];
        return largest;
    }

    /// <summary>The smallest and the largest value; of zeros with different signs the first.</summary>
    internal static (float Smallest, float Largest) Range(float* values, int count)
    {
        float smallest = values[0], largest = values[0];
        for (int i = 1; i < count; i++)
        {
            if (values[i] < smallest) smallest = values[i];
            if (values[i] > largest) largest = values[i];
        }

        return (smallest, largest);
    }

    /// <summary>
    /// 1 / <paramref name="scale"/>, or 0 for a zero scale. Below 2⁻¹²⁸ the reciprocal is not finite and
    /// <paramref name="vanishes"/> is true: such a scale is stored as a half zero, so codes mean nothing and are written as zero bits.
    /// </summary>
    internal static float Inverse(float scale, out bool vanishes)
    {
        float inverse = scale != 0 ? 1 / scale : 0;
        vanishes = !float.IsFinite(inverse);
        return inverse;
    }

    /// <summary>(int)<paramref name="value"/> limited to <paramref name="largestCode"/>; 0 where the scale vanishes.</summary>
    internal static int Code(float value, int largestCode, bool vanishes) => vanishes ? 0 : Math.Min(largestCode, (int)value);
}
