using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

internal readonly unsafe partial struct Q4_1 : IUnpack512, INibbles512
{
    public static int CodeBits => 4;

    public static int GroupColumns => 32;

    public static int CodesAt => Codes;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Values(byte* block) => Vector512.FusedMultiplyAdd(
        Unpacking512.Half(block), Vector512.Create(0f, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), Unpacking512.Half(block + Minimum));

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
