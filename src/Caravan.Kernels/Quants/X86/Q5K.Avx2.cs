using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

internal readonly unsafe partial struct Q5K : IUnpack256
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Scales256(byte* blocks, int half) =>
        Unpacking256.Singles(SixBitScales.Twice(SixBitScales.ReadScales(blocks + Scales)), half) * Unpacking256.Half(blocks);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Offsets256(byte* blocks, Vector256<float> scales, int half) =>
        Unpacking256.Singles(SixBitScales.Twice(SixBitScales.ReadMinima(blocks + Scales)), half) * -Unpacking256.Half(blocks + Minimum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Codes256(byte* blocks, int eighth)
    {
        Vector256<byte> fifth = Unpacking256.Bits(blocks + FifthBits, eighth, 1);
        return Unpacking256.Bits(blocks + Codes + (eighth / 2 * 32), eighth % 2 * 4, 15) | (fifth.AsUInt16() << 4).AsByte();
    }
}
