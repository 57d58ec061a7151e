namespace Caravan.Kernels;

/// <summary>How the 32-element block types find scale and codes of one block.</summary>
internal static unsafe class BlockScale
{
    private const int Elements = 32;

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

    /// <summary>
    /// x ≈ scale · (code - middle): the value of largest magnitude gets code 0 (so the scale has its sign, negated), the rest is rounded.
    /// With an importance the scale is searched.
    /// </summary>
    internal static float Symmetric(float* values, float* importance, float spread, int middle, byte* codes)
    {
        if (importance is not null)
        {
            float* weights = stackalloc float[Elements];
            Importance.Weigh(values, importance, Elements, spread, weights);
            return ScaleSearch.Symmetric(values, weights, Elements, middle, codes);
        }

        float scale = SignedLargest(values, Elements) / -middle;
        float inverse = Inverse(scale, out bool vanishes);
        for (int i = 0; i < Elements; i++) codes[i] = Code((values[i] * inverse) + (middle + 0.5f), (2 * middle) - 1, vanishes);
        return scale;
    }

    /// <summary>
    /// x ≈ scale · code + minimum: the codes spread evenly from the smallest to the largest value.
    /// With an importance both are searched, with the minimum at most zero.
    /// </summary>
    internal static (float Scale, float Minimum) Affine(float* values, float* importance, float spread, int largestCode, byte* codes)
    {
        if (importance is not null)
        {
            float* weights = stackalloc float[Elements];
            Importance.Weigh(values, importance, Elements, spread, weights);
            float* scales = stackalloc float[AffineSearch.Lanes];
            float* minima = stackalloc float[AffineSearch.Lanes];
            AffineSearch.ByImportance.Run(values, weights, stride: 0, Elements, largestCode, scales, minima, codes);
            return (scales[0], -minima[0]);
        }

        (float smallest, float largest) = Range(values, Elements);
        float scale = (largest - smallest) / largestCode;
        float inverse = Inverse(scale, out bool vanishes);
        for (int i = 0; i < Elements; i++) codes[i] = Code(((values[i] - smallest) * inverse) + 0.5f, largestCode, vanishes);
        return (scale, smallest);
    }

    private static byte Code(float value, int largestCode, bool vanishes) =>
        vanishes ? (byte)0 : (byte)Math.Min(largestCode, (int)value);
}
