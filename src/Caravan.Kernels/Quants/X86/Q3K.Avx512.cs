using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

internal readonly unsafe partial struct Q3K : IUnpack512
{
    public static int CodeBits => 3;

    public static int GroupColumns => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Scales512(byte* blocks) =>
        Unpacking512.Singles(GroupScales(blocks)) * Unpacking512.Half(blocks + Scale);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Offsets512(byte* blocks, Vector512<float> scales) => scales * -Limit;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Codes512(byte* blocks, int quarter)
    {
        uint part = (uint)quarter % 2, group = (uint)quarter * 2;
        Vector512<byte> low = Unpacking512.Twice(blocks + Codes + (quarter / 2 * 32), 4 * part, (4 * part) + 2) & Vector512.Create((byte)3);
        Vector512<byte> third = Unpacking512.Twice(blocks + ThirdBits, group, group + 1) & Vector512<byte>.One;
        return low | (third.AsUInt16() << 2).AsByte();
    }

    /// <summary>All 16 group scales: see <see cref="GroupScale"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<sbyte> GroupScales(byte* block)
    {
        ulong low = *(ulong*)(block + Scales);
        uint high = *(uint*)(block + UpperScales);
        Vector128<byte> lower = Vector128.Create(low, low >> 4).AsByte() & Vector128.Create((byte)15);
        Vector128<uint> pairs = Vector128.Create(high, high >> 2, high >> 4, high >> 6);
        Vector128<byte> upper = (pairs & Vector128.Create(0x0303_0303u)).AsByte();
        return (lower | (upper.AsUInt16() << 4).AsByte()).AsSByte() - Vector128.Create((sbyte)ScaleLimit);
    }
}
