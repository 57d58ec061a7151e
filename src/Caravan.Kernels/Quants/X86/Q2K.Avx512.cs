using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

internal readonly unsafe partial struct Q2K : IUnpack512
{
    public static int CodeBits => 2;

    public static int GroupColumns => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Scales512(byte* blocks) =>
        Unpacking512.Singles(Vector128.Load(blocks) & Vector128.Create((byte)15)) * Unpacking512.Half(blocks + Scale);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Offsets512(byte* blocks, Vector512<float> scales) =>
        Unpacking512.Singles(Vector128.Load(blocks) >> 4) * -Unpacking512.Half(blocks + Minimum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Codes512(byte* blocks, int quarter)
    {
        uint part = (uint)quarter % 2;
        return Unpacking512.Twice(blocks + Codes + (quarter / 2 * 32), 4 * part, (4 * part) + 2) & Vector512.Create((byte)3);
    }
}
