namespace Caravan.Kernels;

/// <summary>
/// What the 256-element types have in common: groups of 16 or 32 elements whose scales (and minima) are themselves small integers,
/// multiples of one or two halves per super-block.
/// </summary>
internal static unsafe class SuperBlock
{
    /// <summary>Elements per super-block.</summary>
    internal const int Elements = 256;

    /// <summary>
    /// Non-negative group values as integers 0 .. <paramref name="levels"/> times the returned step, so that the largest gets
    /// <paramref name="levels"/>. A negative value cannot be stored; its low byte counts, as in ggml (only a degenerate group has one).
    /// </summary>
    internal static float StepsOfLargest(float* values, int count, int levels, byte* steps)
    {
        float largest = 0;
        for (int i = 0; i < count; i++)
            if (values[i] > largest) largest = values[i];
        float inverse = largest > 0 ? levels / largest : 0;
        for (int i = 0; i < count; i++) steps[i] = Math.Min((byte)levels, (byte)ScaleSearch.Round(inverse * values[i]));
        return largest / levels;
    }

    /// <summary>
    /// Codes again for scale and minimum as they are stored: code = round((x + minimum) / scale). A group whose stored scale is zero keeps
    /// the codes of its search, which then have no effect.
    /// </summary>
    internal static void RoundAffine(float* values, int count, float scale, float minimum, int largestCode, byte* codes)
    {
        if (scale == 0) return;
        for (int i = 0; i < count; i++)
            codes[i] = (byte)Math.Clamp(ScaleSearch.Round((values[i] + minimum) / scale), 0, largestCode);
    }

    /// <summary>As <see cref="RoundAffine"/> for x ≈ scale · (code - limit), codes 0 .. 2·limit - 1.</summary>
    internal static void RoundSymmetric(float* values, int count, float scale, int limit, byte* codes)
    {
        if (scale == 0) return;
        for (int i = 0; i < count; i++)
            codes[i] = (byte)(Math.Clamp(ScaleSearch.Round(values[i] / scale), -limit, limit - 1) + limit);
    }

    /// <summary>
    /// Signed group scales as integers -<paramref name="limit"/> .. <paramref name="limit"/> - 1 times the returned step: the scale of
    /// largest magnitude gets -limit, so the step carries its sign, negated. Returns 0, and no steps, where that magnitude is below
    /// <paramref name="negligible"/>.
    /// </summary>
    internal static float SignedStepsOfLargest(float* scales, int count, int limit, float negligible, sbyte* steps)
    {
        float extreme = BlockScale.SignedLargest(scales, count);
        if (MathF.Abs(extreme) < negligible) return 0;
        float inverse = -limit / extreme;
        for (int i = 0; i < count; i++) steps[i] = (sbyte)Math.Clamp(ScaleSearch.Round(inverse * scales[i]), -limit, limit - 1);
        return 1 / inverse;
    }

    /// <summary>Packs 2-bit codes: 32 bytes per 128 elements; byte i holds the codes i, i + 32, i + 64, i + 96, lowest first.</summary>
    internal static void PackPairsOfBits(byte* codes, byte* packed)
    {
        for (int half = 0; half < 2; half++, codes += 128, packed += 32)
        {
            for (int i = 0; i < 32; i++)
            {
                packed[i] = (byte)((codes[i] & 3) | (codes[i + 32] & 3) << 2 | (codes[i + 64] & 3) << 4 | (codes[i + 96] & 3) << 6);
            }
        }
    }
}
