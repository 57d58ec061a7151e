using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Caravan.Kernels;

/// <summary>Four neighbouring 32-bit columns of 16 rows, each in a register: lane i holds row i.</summary>
internal readonly unsafe ref struct Transposed
{
    /// <summary>Rows that are read.</summary>
    internal const int Rows = 16;

    public readonly Vector512<uint> First, Second, Third, Fourth;

    /// <summary>Reads 16 bytes of each row, <paramref name="stride"/> units of four bytes apart, and transposes fours of rows in 128-bit lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Transposed(uint* rows, int stride)
    {
        Vector512<uint> a = EveryFourth(rows, stride), b = EveryFourth(rows + stride, stride);
        Vector512<uint> c = EveryFourth(rows + (2 * stride), stride), d = EveryFourth(rows + (3 * stride), stride);
        Vector512<ulong> ab = Avx512F.UnpackLow(a, b).AsUInt64(), cd = Avx512F.UnpackLow(c, d).AsUInt64();
        First = Avx512F.UnpackLow(ab, cd).AsUInt32();
        Second = Avx512F.UnpackHigh(ab, cd).AsUInt32();
        ab = Avx512F.UnpackHigh(a, b).AsUInt64();
        cd = Avx512F.UnpackHigh(c, d).AsUInt64();
        Third = Avx512F.UnpackLow(ab, cd).AsUInt32();
        Fourth = Avx512F.UnpackHigh(ab, cd).AsUInt32();
    }

    /// <summary>Rows 0, 4, 8 and 12 in the four lanes of 128 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> EveryFourth(uint* rows, int stride)
    {
        Vector512<uint> all = Vector128.Load(rows).ToVector256Unsafe().ToVector512Unsafe();
        all = Avx512F.InsertVector128(all, Vector128.Load(rows + (4 * stride)), 1);
        all = Avx512F.InsertVector128(all, Vector128.Load(rows + (8 * stride)), 2);
        return Avx512F.InsertVector128(all, Vector128.Load(rows + (12 * stride)), 3);
    }
}
