using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Caravan.Kernels;

/// <summary>
/// The 16 values that IQ4_NL and IQ4_XS multiply by a scale: closer together around zero, where most weights are.
/// </summary>
/// <remarks>Source: ggml's <c>kvalues_iq4nl</c> (ggml-common.h).</remarks>
internal static unsafe class Codebook
{
    private const int Count = 16;

    /// <summary>The values by their numbers, ascending.</summary>
    internal static ReadOnlySpan<sbyte> Values => [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];

    /// <summary>For each value but the last the smallest float that is not nearer to it than to its successor.</summary>
    private static readonly float[] Bounds = [.. Enumerable.Range(0, Count - 1).Select(Bound)];

    /// <summary>The number of the nearest value; between two the larger. NaN counts as larger than everything.</summary>
    internal static byte Nearest(float value)
    {
        int number = Count - 1;
        foreach (float bound in Bounds) number -= value < bound ? 1 : 0;
        return (byte)number;
    }

    /// <summary>The nearest value itself, for every lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<float> NearestValue(Vector256<float> values)
    {
        Vector256<int> number = Vector256.Create(Count - 1);
        foreach (float bound in Bounds) number += Vector256.LessThan(values, Vector256.Create(bound)).AsInt32();
        Vector256<float> low = Vector256.Create(-127f, -104, -83, -65, -49, -35, -22, -10);
        Vector256<float> high = Vector256.Create(1f, 13, 25, 38, 53, 69, 89, 113);
        Vector256<int> lane = number & Vector256.Create(7);
        return Vector256.ConditionalSelect(
            Vector256.GreaterThan(number, Vector256.Create(7)).AsSingle(), Vector256.Shuffle(high, lane), Vector256.Shuffle(low, lane));
    }

    /// <summary>The values of 32 packed numbers; see <see cref="CodePacking"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static (Vector128<sbyte> First, Vector128<sbyte> Second) Unpack(byte* packed)
    {
        Vector128<sbyte> values = Vector128.Create(Values);
        (Vector128<byte> first, Vector128<byte> second) = CodePacking.Nibbles(packed);
        return (Vector128.Shuffle(values, first.AsSByte()), Vector128.Shuffle(values, second.AsSByte()));
    }

    /// <summary>The values of 32 numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<byte> Look256(Vector256<byte> numbers) =>
        Avx2.Shuffle(Vector256.Create(Vector128.Create(Values), Vector128.Create(Values)).AsByte(), numbers);

    /// <summary>The values of 64 numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<byte> Look512(Vector512<byte> numbers)
    {
        Vector128<byte> once = Vector128.Create(Values).AsByte();
        Vector256<byte> twice = Vector256.Create(once, once);
        return Avx512BW.Shuffle(Vector512.Create(twice, twice), numbers);
    }

    /// <summary>
    /// ggml compares x - a with b - x as floats, which for x near the middle may be rounded to the same number; the bound is where its answer changes.
    /// </summary>
    private static float Bound(int number)
    {
        float below = Values[number], above = Values[number + 1], bound = (below + above) / 2;
        for (float next = bound; !(next - below < above - next); next = MathF.BitDecrement(next)) bound = next;
        return bound;
    }
}
