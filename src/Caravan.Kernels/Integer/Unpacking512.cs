using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Caravan.Kernels;

/// <summary>Steps that the block types share when they unpack into 512-bit registers.</summary>
internal static unsafe class Unpacking512
{
    /// <summary>Eight halves that lie <paramref name="stride"/> bytes apart, as floats, each twice.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<float> Halves(byte* first, int stride)
    {
        // Gathered in general registers, which have nothing else to do here.
        Vector128<ushort> halves = Vector128.Create(Four(first, stride), Four(first + (4 * stride), stride)).AsUInt16();
        Vector512<ushort> fourTimes = Avx512BW.PermuteVar32x16(
            halves.ToVector256Unsafe().ToVector512Unsafe(),
            Vector512.Create((ushort)0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 6, 6, 6, 6, 7, 7, 7, 7));
        return HalfFloats.ToSingle(fourTimes.AsInt32() >> 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Four(byte* first, int stride) =>
        *(ushort*)first | (ulong)*(ushort*)(first + stride) << 16 | (ulong)*(ushort*)(first + (2 * stride)) << 32 | (ulong)*(ushort*)(first + (3 * stride)) << 48;

    /// <summary>A half as a float in every lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<float> Half(byte* half) => HalfFloats.ToSingle(Vector512.Create((int)*(short*)half));

    /// <summary>Sixteen halves side by side, as floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<float> SixteenHalves(byte* halves) =>
        HalfFloats.ToSingle(Avx512F.ConvertToVector512Int32(Vector256.Load((short*)halves)));

    /// <summary>Sixteen small integers as floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<float> Singles(Vector128<byte> values) => Vector512.ConvertToSingle(Avx512F.ConvertToVector512Int32(values));

    /// <summary>Sixteen small signed integers as floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<float> Singles(Vector128<sbyte> values) => Vector512.ConvertToSingle(Avx512F.ConvertToVector512Int32(values));

    /// <summary>32 bytes, twice: the lower half shifted right by <paramref name="lower"/> bits, the upper half by <paramref name="upper"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<byte> Twice(byte* source, ulong lower, ulong upper)
    {
        // Not BroadcastVector256ToVector512: .NET 10.0 scales its address's displacement by 16 where the processor multiplies by 32.
        Vector256<byte> once = Vector256.Load(source);
        Vector512<byte> bytes = Avx512F.InsertVector256(once.ToVector512Unsafe(), once, 1);
        return Avx512F.ShiftRightLogicalVariable(bytes.AsUInt64(), Vector512.Create(lower, lower, lower, lower, upper, upper, upper, upper)).AsByte();
    }

    /// <summary>The 4-bit codes of two blocks of 32, whose 16 bytes each hold elements 0-15 in the lower and 16-31 in the upper halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<byte> Nibbles(byte* first, byte* second)
    {
        Vector512<byte> bytes = Avx512F.InsertVector256(
            Avx2.BroadcastVector128ToVector256(first).ToVector512Unsafe(), Avx2.BroadcastVector128ToVector256(second), 1);
        Vector512<ulong> shifted = Avx512F.ShiftRightLogicalVariable(bytes.AsUInt64(), Vector512.Create(0UL, 0, 4, 4, 0, 0, 4, 4));
        return shifted.AsByte() & Vector512.Create((byte)15);
    }

    /// <summary>16 where bit i is set, else 0, for 64 elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<byte> FifthBits(uint first, uint second)
    {
        Vector512<byte> spread = Avx512BW.Shuffle(
            Vector512.Create(first | (ulong)second << 32).AsByte(),
            Vector512.Create(
                0UL, 0x0101_0101_0101_0101, 0x0202_0202_0202_0202, 0x0303_0303_0303_0303,
                0x0404_0404_0404_0404, 0x0505_0505_0505_0505, 0x0606_0606_0606_0606, 0x0707_0707_0707_0707).AsByte());
        Vector512<byte> lane = Vector512.Create(0x8040_2010_0804_0201UL).AsByte();
        return Vector512.Equals(spread & lane, lane) & Vector512.Create((byte)16);
    }
}
