using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

/// <summary>
/// IEEE 754 binary16 to and from binary32, by integer and float arithmetic alone, because .NET offers no conversion instruction.
/// Rounds to nearest, ties to even; keeps subnormals, infinities and the sign of zero; a NaN keeps its sign and the upper bits of its
/// payload and becomes quiet, as the processors' own conversions do.
/// </summary>
internal static unsafe class HalfFloats
{
    private const uint SignBit = 0x8000_0000;

    /// <summary>Moves a binary16 exponent field to its binary32 place: the biases differ by 112.</summary>
    private const uint Rebias = 112u << 23;

    /// <summary>2⁻¹⁴, the smallest normal half.</summary>
    private const uint SmallestNormal = 113u << 23;

    /// <summary>2¹⁶: from here on every float rounds to an infinite half (so do those from 65520 on, by carry).</summary>
    private const uint BeyondHalf = 143u << 23;

    private const uint Infinity = 0x7F80_0000;

    /// <summary>One half; adding 0.5f to a float below 2⁻¹⁴ leaves its value as a half subnormal, rounded, in the lowest bits.</summary>
    private const uint OneHalf = 126u << 23;

    /// <summary>Exponent and mantissa of a half that was sign-extended and shifted to their binary32 places.</summary>
    private const int MagnitudeBits = 0x0FFF_E000;

    /// <summary>Raises exponents by 224, from 31 to 255.</summary>
    private const int ScaledBias = 224 << 23;

    /// <summary>2⁻¹¹²: of the raise, 112 is the difference of the biases.</summary>
    private const float Unscale = 1.92592994e-34f;

    /// <summary>2⁻¹⁴.</summary>
    private const float SmallestNormalValue = 6.10351563e-05f;

    /// <summary>The float with the value of the half with these bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float ToSingle(ushort half)
    {
        uint magnitude = (half & 0x7FFFu) << 13;
        uint sign = (half & 0x8000u) << 16;
        if (magnitude < 1u << 23)
        {
            // Zero or subnormal: give it the exponent of 2⁻¹⁴ with a leading one, then take that one away.
            float value = BitConverter.UInt32BitsToSingle(magnitude + SmallestNormal) - BitConverter.UInt32BitsToSingle(SmallestNormal);
            return BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(value) | sign);
        }

        if (magnitude < 31u << 23) return BitConverter.UInt32BitsToSingle(magnitude + Rebias | sign);
        uint quiet = magnitude > 31u << 23 ? 1u << 22 : 0;
        return BitConverter.UInt32BitsToSingle(magnitude | Infinity | quiet | sign);
    }

    /// <summary>The bits of the half nearest to <paramref name="value"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ushort FromSingle(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        uint sign = (bits & SignBit) >> 16;
        uint magnitude = bits & ~SignBit;
        if (magnitude < SmallestNormal)
        {
            float shifted = BitConverter.UInt32BitsToSingle(magnitude) + BitConverter.UInt32BitsToSingle(OneHalf);
            return (ushort)(BitConverter.SingleToUInt32Bits(shifted) - OneHalf | sign);
        }

        if (magnitude < BeyondHalf)
        {
            uint odd = magnitude >> 13 & 1;
            return (ushort)(magnitude - Rebias + 0xFFF + odd >> 13 | sign);
        }

        uint payload = magnitude > Infinity ? 0x200u | (magnitude >> 13 & 0x3FF) : 0;
        return (ushort)(0x7C00 | payload | sign);
    }

    /// <summary>Converts <paramref name="count"/> halves.</summary>
    internal static void ToSingle(ushort* source, float* destination, long count)
    {
        long i = 0;
        for (; i <= count - 16; i += 16)
        {
            (Vector256<int> low, Vector256<int> high) = Vector256.Widen(Vector256.Load((short*)source + i));
            ToSingle(low).Store(destination + i);
            ToSingle(high).Store(destination + i + 8);
        }

        for (; i < count; i++) destination[i] = ToSingle(source[i]);
    }

    /// <summary>Converts <paramref name="count"/> floats.</summary>
    internal static void FromSingle(float* source, ushort* destination, long count)
    {
        long i = 0;
        for (; i <= count - 16; i += 16)
        {
            Vector256<uint> low = FromSingle(Vector256.Load(source + i).AsUInt32());
            Vector256<uint> high = FromSingle(Vector256.Load(source + i + 8).AsUInt32());
            Vector256.Narrow(low, high).Store(destination + i);
        }

        for (; i < count; i++) destination[i] = FromSingle(source[i]);
    }

    /// <summary>
    /// Halves, sign-extended, to floats. The exponent is raised so far that the largest one becomes that of infinities and NaN, then a product
    /// takes the raise back. A zero exponent has so been read as 2⁻¹⁵ with a leading one: twice that, less 2⁻¹⁴, is the subnormal's value. No
    /// float on the way is subnormal, since those cost Intel processors a hundred cycles each; every step is exact.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<float> ToSingle(Vector512<int> halves)
    {
        Vector512<int> magnitude = (halves << 13) & Vector512.Create(MagnitudeBits);
        Vector512<float> value = (magnitude + Vector512.Create(ScaledBias)).AsSingle() * Vector512.Create(Unscale);
        Vector512<float> withoutOne = value - Vector512.Create(SmallestNormalValue);
        value += Vector512.ConditionalSelect(Vector512.LessThan(magnitude, Vector512.Create(1 << 23)).AsSingle(), withoutOne, Vector512<float>.Zero);
        return (value.AsInt32() | (halves & Vector512.Create(int.MinValue))).AsSingle();
    }

    /// <summary>The same for eight.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<float> ToSingle(Vector256<int> halves)
    {
        Vector256<int> magnitude = (halves << 13) & Vector256.Create(MagnitudeBits);
        Vector256<float> value = (magnitude + Vector256.Create(ScaledBias)).AsSingle() * Vector256.Create(Unscale);
        Vector256<float> withoutOne = value - Vector256.Create(SmallestNormalValue);
        value += Vector256.ConditionalSelect(Vector256.LessThan(magnitude, Vector256.Create(1 << 23)).AsSingle(), withoutOne, Vector256<float>.Zero);
        return (value.AsInt32() | (halves & Vector256.Create(int.MinValue))).AsSingle();
    }

    /// <summary>The same for four.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<float> ToSingle(Vector128<int> halves)
    {
        Vector128<int> magnitude = (halves << 13) & Vector128.Create(MagnitudeBits);
        Vector128<float> value = (magnitude + Vector128.Create(ScaledBias)).AsSingle() * Vector128.Create(Unscale);
        Vector128<float> withoutOne = value - Vector128.Create(SmallestNormalValue);
        value += Vector128.ConditionalSelect(Vector128.LessThan(magnitude, Vector128.Create(1 << 23)).AsSingle(), withoutOne, Vector128<float>.Zero);
        return (value.AsInt32() | (halves & Vector128.Create(int.MinValue))).AsSingle();
    }

    /// <summary>The bits of eight floats, to halves in the lower 16 bits of each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<uint> FromSingle(Vector256<uint> bits)
    {
        Vector256<uint> sign = (bits & Vector256.Create(SignBit)) >> 16;
        Vector256<uint> magnitude = bits & Vector256.Create(~SignBit);
        Vector256<uint> oneHalf = Vector256.Create(OneHalf);
        Vector256<uint> subnormal = (magnitude.AsSingle() + oneHalf.AsSingle()).AsUInt32() - oneHalf;
        Vector256<uint> odd = magnitude >> 13 & Vector256<uint>.One;
        Vector256<uint> normal = magnitude - Vector256.Create(Rebias - 0xFFF) + odd >> 13;
        Vector256<uint> isNan = Vector256.GreaterThan(magnitude.AsInt32(), Vector256.Create((int)Infinity)).AsUInt32();
        Vector256<uint> payload = isNan & (Vector256.Create(0x200u) | magnitude >> 13 & Vector256.Create(0x3FFu));
        Vector256<uint> isSubnormal = Vector256.LessThan(magnitude.AsInt32(), Vector256.Create((int)SmallestNormal)).AsUInt32();
        Vector256<uint> isBeyond = Vector256.GreaterThan(magnitude.AsInt32(), Vector256.Create((int)BeyondHalf - 1)).AsUInt32();
        Vector256<uint> finite = Vector256.ConditionalSelect(isSubnormal, subnormal, normal);
        return Vector256.ConditionalSelect(isBeyond, Vector256.Create(0x7C00u) | payload, finite) | sign;
    }
}
