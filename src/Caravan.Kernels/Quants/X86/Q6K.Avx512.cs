using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

internal readonly unsafe partial struct Q6K : IUnpack512
{
    public static int CodeBits => 6;

    public static int GroupColumns => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Scales512(byte* blocks) =>
        Unpacking512.Singles(Vector128.Load((sbyte*)blocks + Scales)) * Unpacking512.Half(blocks + Scale);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Offsets512(byte* blocks, Vector512<float> scales) => scales * -Limit;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Codes512(byte* blocks, int quarter)
    {
        int half = quarter / 2, part = quarter % 2;
        Vector512<byte> low = (Vector512.Load(blocks + (half * 64)).AsUInt16() >> (4 * part)).AsByte() & Vector512.Create((byte)15);
        Vector512<byte> high = Unpacking512.Twice(blocks + UpperBits + (half * 32), 4 * (uint)part, (4 * (uint)part) + 2) & Vector512.Create((byte)3);
        return low | (high.AsUInt16() << 4).AsByte();
    }
}
