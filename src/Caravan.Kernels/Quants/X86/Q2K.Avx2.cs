using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

internal readonly unsafe partial struct Q2K : IUnpack256
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Scales256(byte* blocks, int half) =>
        Unpacking256.Singles(Vector128.Load(blocks) & Vector128.Create((byte)15), half) * Unpacking256.Half(blocks + Scale);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Offsets256(byte* blocks, Vector256<float> scales, int half) =>
        Unpacking256.Singles(Vector128.Load(blocks) >> 4, half) * -Unpacking256.Half(blocks + Minimum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Codes256(byte* blocks, int eighth) =>
        Unpacking256.Bits(blocks + Codes + (eighth / 4 * 32), eighth % 4 * 2, 3);
}
