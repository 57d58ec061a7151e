using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Caravan.Kernels;

/// <summary>Steps that the block types share when they unpack into 256-bit registers.</summary>
internal static unsafe class Unpacking256
{
    /// <summary>Four halves that lie <paramref name="stride"/> bytes apart, as floats, each twice.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<float> Halves(byte* first, int stride)
    {
        Vector256<int> upper = Vector256.Create(
            (ulong)*(ushort*)first << 16, (ulong)*(ushort*)(first + stride) << 16,
            (ulong)*(ushort*)(first + (2 * stride)) << 16, (ulong)*(ushort*)(first + (3 * stride)) << 16).AsInt32();
        return HalfFloats.ToSingle(Avx2.Shuffle(upper, 0b10_10_00_00) >> 16);
    }

    /// <summary>A half as a float in every lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<float> Half(byte* half) => HalfFloats.ToSingle(Vector256.Create((int)*(short*)half));

    /// <summary>Eight small integers, in the lower or the upper half of 16 bytes, as floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<float> Singles(Vector128<byte> values, int half) =>
        Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(half == 0 ? values : Sse2.ShiftRightLogical128BitLane(values, 8)));

    /// <summary>The same of signed integers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<float> Singles(Vector128<sbyte> values, int half) =>
        Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(half == 0 ? values : Sse2.ShiftRightLogical128BitLane(values, 8)));

    /// <summary>32 bytes, each shifted right by <paramref name="shift"/> bits and masked.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<byte> Bits(byte* source, int shift, byte mask) =>
        (Vector256.Load(source).AsUInt16() >> shift).AsByte() & Vector256.Create(mask);

    /// <summary>The 4-bit codes of a block of 32, whose 16 bytes hold elements 0-15 in the lower and 16-31 in the upper halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<byte> Nibbles(byte* codes)
    {
        Vector256<ulong> bytes = Avx2.BroadcastVector128ToVector256(codes).AsUInt64();
        return Avx2.ShiftRightLogicalVariable(bytes, Vector256.Create(0UL, 0, 4, 4)).AsByte() & Vector256.Create((byte)15);
    }

    /// <summary>16 where bit i is set, else 0, for 32 elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<byte> FifthBits(uint bits)
    {
        Vector256<byte> spread = Avx2.Shuffle(
            Vector256.Create(bits).AsByte(),
            Vector256.Create(0UL, 0x0101_0101_0101_0101, 0x0202_0202_0202_0202, 0x0303_0303_0303_0303).AsByte());
        Vector256<byte> lane = Vector256.Create(0x8040_2010_0804_0201UL).AsByte();
        return Vector256.Equals(spread & lane, lane) & Vector256.Create((byte)16);
    }
}
