using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Caravan.Inference;

/// <summary>
/// Passes over one row of logits or weights. All use eight float lanes, plain additions and multiplications and double sums whatever the machine
/// offers, so that the same row and seed choose the same token on every one of them.
/// </summary>
internal static class LogitMath
{
    private const int Lanes = 8;

    /// <summary>The largest value; NaN when any value is NaN, negative infinity for an empty row.</summary>
    public static float Max(ReadOnlySpan<float> values)
    {
        ReadOnlySpan<Vector256<float>> blocks = MemoryMarshal.Cast<float, Vector256<float>>(values);
        Vector256<float> largest = Vector256.Create(float.NegativeInfinity);
        foreach (Vector256<float> block in blocks) largest = Vector256.Max(largest, block);
        float result = float.NegativeInfinity;
        for (int lane = 0; lane < Lanes; lane++) result = MathF.Max(result, largest[lane]);
        foreach (float value in values[(blocks.Length * Lanes)..]) result = MathF.Max(result, value);
        return result;
    }

    /// <summary>The sum of exp(x - shift), which must not be below the largest value.</summary>
    public static double SumExp(ReadOnlySpan<float> values, float shift)
    {
        ReadOnlySpan<Vector256<float>> blocks = MemoryMarshal.Cast<float, Vector256<float>>(values);
        Vector256<float> shifts = Vector256.Create(shift);
        Vector256<double> lower = default, upper = default;
        foreach (Vector256<float> block in blocks) Accumulate(NonPositiveExp(block - shifts), ref lower, ref upper);
        if (values.Length % Lanes != 0) Accumulate(NonPositiveExp(Tail(values) - shifts), ref lower, ref upper);
        return Vector256.Sum(lower + upper);
    }

    /// <summary>Writes exp((x - shift) / temperature) for every value; shift must not be below the largest value.</summary>
    /// <remarks>Subtracting before dividing keeps every quotient at or below 0, so no temperature however small can overflow.</remarks>
    public static void Exp(ReadOnlySpan<float> values, Span<float> results, float shift, float temperature)
    {
        ReadOnlySpan<Vector256<float>> blocks = MemoryMarshal.Cast<float, Vector256<float>>(values);
        Span<Vector256<float>> resultBlocks = MemoryMarshal.Cast<float, Vector256<float>>(results[..values.Length]);
        Vector256<float> shifts = Vector256.Create(shift), temperatures = Vector256.Create(temperature);
        for (int i = 0; i < blocks.Length; i++) resultBlocks[i] = NonPositiveExp((blocks[i] - shifts) / temperatures);
        Vector256<float> tail = NonPositiveExp((Tail(values) - shifts) / temperatures);
        for (int i = blocks.Length * Lanes; i < values.Length; i++) results[i] = tail[i % Lanes];
    }

    /// <summary>The sum of all values.</summary>
    public static double Sum(ReadOnlySpan<float> values)
    {
        ReadOnlySpan<Vector256<float>> blocks = MemoryMarshal.Cast<float, Vector256<float>>(values);
        Vector256<double> lower = default, upper = default;
        foreach (Vector256<float> block in blocks) Accumulate(block, ref lower, ref upper);
        double sum = Vector256.Sum(lower + upper);
        foreach (float value in values[(blocks.Length * Lanes)..]) sum += value;
        return sum;
    }

    /// <summary>The sum of the values above a threshold.</summary>
    public static double SumAbove(ReadOnlySpan<float> values, float threshold)
    {
        ReadOnlySpan<Vector256<float>> blocks = MemoryMarshal.Cast<float, Vector256<float>>(values);
        Vector256<float> thresholds = Vector256.Create(threshold);
        Vector256<double> lower = default, upper = default;
        foreach (Vector256<float> block in blocks) Accumulate(Vector256.GreaterThan(block, thresholds) & block, ref lower, ref upper);
        double sum = Vector256.Sum(lower + upper);
        foreach (float value in values[(blocks.Length * Lanes)..]) sum += value > threshold ? value : 0;
        return sum;
    }

    /// <summary>The first index from <paramref name="start"/> on whose value is above the threshold, or the length when there is none.</summary>
    public static int NextAbove(ReadOnlySpan<float> values, int start, float threshold)
    {
        Vector256<float> thresholds = Vector256.Create(threshold);
        int i = start;
        for (; i <= values.Length - Lanes; i += Lanes)
        {
            uint above = Vector256.GreaterThan(Vector256.Create(values.Slice(i, Lanes)), thresholds).ExtractMostSignificantBits();
            if (above != 0) return i + BitOperations.TrailingZeroCount(above);
        }

        while (i < values.Length && !(values[i] > threshold)) i++;
        return i;
    }

    /// <summary>
    /// The index at which the running sum of the weights first exceeds <paramref name="target"/> (inverse-transform sampling); a weight of 0 is
    /// never chosen, and when rounding leaves the target unreached the last positive weight is.
    /// </summary>
    public static int Draw(ReadOnlySpan<float> weights, double target)
    {
        const int Block = 256;
        double before = 0;
        int start = 0;
        for (; weights.Length - start > Block; start += Block)
        {
            double sum = Sum(weights.Slice(start, Block));
            if (before + sum > target) break;
            before += sum;
        }

        for (int i = start; i < weights.Length; i++)
        {
            before += weights[i];
            if (before > target && weights[i] > 0) return i;
        }

        return weights.LastIndexOfAnyExcept(0f);
    }

    /// <summary>
    /// exp(x) for x up to 0 within 2 units in the last place, exp(0) = 1 exactly, below e^-87 (near the smallest normal number) 0:
    /// 2^n * exp(r) with r within half of ln 2, exp(r) by its Taylor series.
    /// </summary>
    /// <remarks>
    /// The runtime's Vector256.Exp is not used: it gives exp(0) = 1 + 2^-23 (.NET 10 on x64), and its digits may depend on the machine.
    /// </remarks>
    private static Vector256<float> NonPositiveExp(Vector256<float> x)
    {
        const float Least = -87, InverseLn2 = 1.44269504f;
        // ln 2 in two parts (Cody and Waite): the first has so few digits that its product with n is exact.
        const float Ln2High = 0.693359375f, Ln2Low = -2.12194440e-4f;
        Vector256<float> clamped = Vector256.Max(x, Vector256.Create(Least));
        Vector256<float> n = Vector256.Round(clamped * InverseLn2);
        Vector256<float> r = clamped - n * Ln2High - n * Ln2Low;
        Vector256<float> series = Vector256.Create(1f / 5040);
        series = series * r + Vector256.Create(1f / 720);
        series = series * r + Vector256.Create(1f / 120);
        series = series * r + Vector256.Create(1f / 24);
        series = series * r + Vector256.Create(1f / 6);
        series = series * r + Vector256.Create(1f / 2);
        Vector256<float> exponential = Vector256<float>.One + (r + r * r * series);
        Vector256<int> power = (Vector256.ConvertToInt32(n) + Vector256.Create(127)) << 23;
        return Vector256.ConditionalSelect(Vector256.LessThan(x, Vector256.Create(Least)), default, exponential * power.AsSingle());
    }

    private static void Accumulate(Vector256<float> values, ref Vector256<double> lower, ref Vector256<double> upper)
    {
        (Vector256<double> low, Vector256<double> high) = Vector256.Widen(values);
        lower += low;
        upper += high;
    }

    /// <summary>The values after the last whole block, filled up with negative infinity, whose exponential is 0.</summary>
    private static Vector256<float> Tail(ReadOnlySpan<float> values)
    {
        Span<float> tail = stackalloc float[Lanes];
        tail.Fill(float.NegativeInfinity);
        values[(values.Length / Lanes * Lanes)..].CopyTo(tail);
        return Vector256.Create(tail);
    }
}
