using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

internal readonly unsafe partial struct Q4_1 : IUnpack512, INibbles512
{
    public static int CodeBits => 4;

    public static int GroupColumns => 32;

    public static bool HasMinimum => true;

    public static int CodesAt => Codes;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Scales512(byte* blocks) => Unpacking512.Halves(blocks, Bytes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Offsets512(byte* blocks, Vector512<float> scales) => Unpacking512.Halves(blocks + Minimum, Bytes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Codes512(byte* blocks, int quarter)
    {
        byte* first = blocks + (quarter * 2 * Bytes);
        return Unpacking512.Nibbles(first + Codes, first + Bytes + Codes);
    }
}
