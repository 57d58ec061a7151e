using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

/// <summary>
/// Searches for the scale of a group of values whose codes are small integers. All minimise a weighted squared error; none is exact,
/// because scale and codes depend on each other: each fixes the codes for some trial scale, then solves for the best scale in closed form.
/// <para>
/// Without an offset, E(s) = Σ w (x - s·q)² is least at s = Σwxq / Σwq², where it is Σwx² - (Σwxq)² / Σwq².
/// So of two code vectors the better one has the larger (Σwxq)² / Σwq²; the comparisons below multiply the divisions out.
/// </para>
/// <para>
/// The grids of trial scales, the orders of summation and the comparisons are ggml's (ggml-quants.c of llama.cpp), in float without fused
/// operations, so that the same input gives the same bytes; a near tie decided otherwise changes a block.
/// </para>
/// </summary>
internal static unsafe class ScaleSearch
{
    /// <summary>A group whose largest magnitude is smaller counts as zero.</summary>
    internal const float Negligible = 1e-15f;

    /// <summary>Elements of the longest group.</summary>
    private const int LongestGroup = 32;

    /// <summary>Rounds of coordinate descent before it gives up improving.</summary>
    private const int Rounds = 5;

    /// <summary>
    /// The nearest integer, ties to even, by adding 1.5 · 2²³: the sum's last bit has the value 1, so the float addition rounds.
    /// Beyond ±2²² the result wraps. That happens only where a group's offset error dwarfs its scale; then no code is better than another.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int Round(float value)
    {
        int bits = BitConverter.SingleToInt32Bits(value + 12582912f);
        return (bits & 0x007F_FFFF) - 0x0040_0000;
    }

    /// <summary><see cref="Round(float)"/> of every lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<int> Round(Vector256<float> values)
    {
        Vector256<int> bits = (values + Vector256.Create(12582912f)).AsInt32();
        return (bits & Vector256.Create(0x007F_FFFF)) - Vector256.Create(0x0040_0000);
    }

    /// <summary>
    /// x ≈ scale · (code - limit), codes 0 .. 2·limit - 1. Tries 19 scales around the one that maps the value of largest magnitude
    /// to code 0: those that map it to limit + 0.1·step steps below the middle, step -9 .. 9.
    /// </summary>
    internal static float Symmetric(float* values, float* weights, int count, int limit, byte* codes)
    {
        float extreme = BlockScale.SignedLargest(values, count);
        new Span<byte>(codes, count).Clear();
        if (MathF.Abs(extreme) < Negligible) return 0;

        byte* candidate = stackalloc byte[LongestGroup];
        float scale = 0, best = 0;
        for (int trial = 0; trial < 19; trial++)
        {
            int step = trial == 0 ? 0 : trial < 10 ? trial - 10 : trial - 9;
            float inverse = -(limit + (0.1f * step)) / extreme;
            float product = 0, square = 0;
            for (int i = 0; i < count; i++)
            {
                int code = Math.Clamp(Round(inverse * values[i]), -limit, limit - 1);
                product += weights[i] * values[i] * code;
                square += weights[i] * code * code;
                candidate[i] = (byte)(code + limit);
            }

            if (trial > 0 && !(square > 0 && product * product > best * square)) continue;
            scale = square != 0 ? product / square : 0;
            best = scale * product;
            Copy(candidate, codes, count);
        }

        return scale;
    }

    /// <summary>
    /// x ≈ scale · (code - limit), codes 0 .. 2·limit - 1, weights x². Starts from the scale that maps the value of largest magnitude to
    /// code 0, then changes one code at a time: to the nearest for the scale that all others together want, when that lowers the error.
    /// </summary>
    internal static float SymmetricByDescent(float* values, int count, int limit, byte* codes)
    {
        float extreme = BlockScale.SignedLargest(values, count);
        new Span<byte>(codes, count).Clear();
        if (MathF.Abs(extreme) < Negligible) return 0;

        float inverse = -limit / extreme;
        float product = 0, square = 0;
        for (int i = 0; i < count; i++)
        {
            int code = Math.Clamp(Round(inverse * values[i]), -limit, limit - 1);
            float weight = values[i] * values[i];
            product += weight * values[i] * code;
            square += weight * code * code;
            codes[i] = (byte)(code + limit);
        }

        bool changed = true;
        for (int round = 0; round < Rounds && changed; round++)
        {
            changed = false;
            for (int i = 0; i < count; i++)
            {
                float weight = values[i] * values[i];
                int old = codes[i] - limit;
                float otherProduct = product - (weight * values[i] * old);
                float otherSquare = square - (weight * old * old);
                if (!(otherProduct > 0)) continue;
                int code = Math.Clamp(Round(values[i] * otherSquare / otherProduct), -limit, limit - 1);
                if (code == old) continue;
                otherProduct += weight * values[i] * code;
                otherSquare += weight * code * code;
                if (!(otherSquare > 0 && otherProduct * otherProduct * square > product * product * otherSquare)) continue;
                (product, square, codes[i], changed) = (otherProduct, otherSquare, (byte)(code + limit), true);
            }
        }

        return square > 0 ? product / square : 0;
    }

    /// <summary>
    /// x ≈ scale · code for non-negative x, codes 0 .. <paramref name="largestCode"/>: the best of 9 scales by error,
    /// then coordinate descent as in <see cref="SymmetricByDescent"/>.
    /// </summary>
    internal static float Positive(float* values, float* weights, int count, int largestCode, byte* codes)
    {
        float largest = 0;
        for (int i = 0; i < count; i++) largest = MathF.Max(largest, values[i]);
        new Span<byte>(codes, count).Clear();
        if (largest < Negligible) return 0;

        float inverse = BestPositiveInverse(values, weights, count, largestCode, largest);
        float product = 0, square = 0;
        for (int i = 0; i < count; i++)
        {
            int code = Math.Min(largestCode, Round(inverse * values[i]));
            product += weights[i] * values[i] * code;
            square += weights[i] * code * code;
            codes[i] = (byte)code;
        }

        bool changed = true;
        for (int round = 0; round < Rounds && changed; round++)
        {
            changed = false;
            for (int i = 0; i < count; i++)
            {
                float otherProduct = product - (weights[i] * values[i] * codes[i]);
                float otherSquare = square - (weights[i] * codes[i] * codes[i]);
                if (!(otherProduct > 0 && otherSquare > 0)) continue;
                int code = Math.Min(largestCode, Round(values[i] * otherSquare / otherProduct));
                if (code == codes[i]) continue;
                otherProduct += weights[i] * values[i] * code;
                otherSquare += weights[i] * code * code;
                if (!(otherProduct * otherProduct * square > product * product * otherSquare)) continue;
                (product, square, codes[i], changed) = (otherProduct, otherSquare, (byte)code, true);
            }
        }

        return square > 0 ? product / square : 0;
    }

    /// <summary>
    /// The best of the 9 reciprocals (<paramref name="largestCode"/> + 0.1·step) / largest, step -4 .. 4, where step 0 wins ties, then the first.
    /// </summary>
    private static float BestPositiveInverse(float* values, float* weights, int count, int largestCode, float largest)
    {
        float bestInverse = 0, bestError = 0;
        for (int trial = 0; trial < 9; trial++)
        {
            int step = trial == 0 ? 0 : trial < 5 ? trial - 5 : trial - 4;
            float inverse = ((0.1f * step) + largestCode) / largest;
            float scale = 1 / inverse;
            float error = 0;
            for (int i = 0; i < count; i++)
            {
                float difference = values[i] - (scale * Math.Min(largestCode, Round(inverse * values[i])));
                error += weights[i] * difference * difference;
            }

            if (trial == 0 || error < bestError) (bestInverse, bestError) = (inverse, error);
        }

        return bestInverse;
    }

    private static void Copy(byte* source, byte* destination, int count) =>
        new ReadOnlySpan<byte>(source, count).CopyTo(new Span<byte>(destination, count));
}
