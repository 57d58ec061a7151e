using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

internal readonly unsafe partial struct IQ4_XS : IUnpack512
{
    public static int CodeBits => 8;

    public static int GroupColumns => 32;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Scales512(byte* blocks) => Unpacking512.Singles(Steps(blocks)) * Unpacking512.Half(blocks);

    public static Vector512<float> Offsets512(byte* blocks, Vector512<float> scales) => Vector512<float>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Codes512(byte* blocks, int quarter)
    {
        byte* codes = blocks + Codes + (quarter * 32);
        return Codebook.Look512(Unpacking512.Nibbles(codes, codes + 16));
    }
}
