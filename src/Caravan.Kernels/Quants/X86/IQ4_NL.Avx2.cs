using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

internal readonly unsafe partial struct IQ4_NL : IUnpack256
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Scales256(byte* blocks, int half) => Unpacking256.Halves(blocks + (half * 4 * Bytes), Bytes);

    public static Vector256<float> Offsets256(byte* blocks, Vector256<float> scales, int half) => Vector256<float>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Codes256(byte* blocks, int eighth) =>
        Codebook.Look256(Unpacking256.Nibbles(blocks + (eighth * Bytes) + Codes));
}
