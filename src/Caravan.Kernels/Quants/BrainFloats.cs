using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

/// <summary>
/// bfloat16, the upper half of a binary32, to and from binary32. Rounds to nearest, ties to even; keeps subnormals, infinities and the
/// sign of zero; a NaN keeps its sign and the upper bits of its payload and becomes quiet.
/// </summary>
internal static unsafe class BrainFloats
{
    private const uint Infinity = 0x7F80_0000;
    private const uint QuietBit = 1u << 22;

    /// <summary>The float with these upper 16 bits.</summary>
    internal static float ToSingle(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    /// <summary>The bits of the bfloat16 nearest to <paramref name="value"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ushort FromSingle(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        if ((bits & 0x7FFF_FFFF) > Infinity) return (ushort)((bits | QuietBit) >> 16);
        return (ushort)(bits + 0x7FFF + (bits >> 16 & 1) >> 16);
    }

    /// <summary>Converts <paramref name="count"/> bfloat16.</summary>
    internal static void ToSingle(ushort* source, float* destination, long count)
    {
        long i = 0;
        for (; i <= count - 16; i += 16)
        {
            (Vector256<uint> low, Vector256<uint> high) = Vector256.Widen(Vector256.Load(source + i));
            (low << 16).AsSingle().Store(destination + i);
            (high << 16).AsSingle().Store(destination + i + 8);
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

    /// <summary>The bits of eight floats, to bfloat16 in the lower 16 bits of each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<uint> FromSingle(Vector256<uint> bits)
    {
        Vector256<int> magnitude = (bits & Vector256.Create(0x7FFF_FFFFu)).AsInt32();
        Vector256<uint> isNan = Vector256.GreaterThan(magnitude, Vector256.Create((int)Infinity)).AsUInt32();
        Vector256<uint> rounded = bits + Vector256.Create(0x7FFFu) + (bits >> 16 & Vector256<uint>.One);
        return Vector256.ConditionalSelect(isNan, bits | Vector256.Create(QuietBit), rounded) >> 16;
    }
}
