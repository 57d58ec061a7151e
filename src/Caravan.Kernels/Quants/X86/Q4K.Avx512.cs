using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

internal readonly unsafe partial struct Q4K : IUnpack512
{
    public static int CodeBits => 4;

    public static int GroupColumns => 32;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Scales512(byte* blocks) =>
        Unpacking512.Singles(SixBitScales.Twice(SixBitScales.ReadScales(blocks + Scales))) * Unpacking512.Half(blocks);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Offsets512(byte* blocks, Vector512<float> scales) =>
        Unpacking512.Singles(SixBitScales.Twice(SixBitScales.ReadMinima(blocks + Scales))) * -Unpacking512.Half(blocks + Minimum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Codes512(byte* blocks, int quarter) =>
        Unpacking512.Twice(blocks + Codes + (quarter * 32), 0, 4) & Vector512.Create((byte)15);
}
