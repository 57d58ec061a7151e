using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

internal readonly unsafe partial struct Q3K : IUnpack256
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Scales256(byte* blocks, int half) =>
        Unpacking256.Singles(GroupScales(blocks), half) * Unpacking256.Half(blocks + Scale);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Offsets256(byte* blocks, Vector256<float> scales, int half) => scales * -Limit;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Codes256(byte* blocks, int eighth)
    {
        Vector256<byte> third = Unpacking256.Bits(blocks + ThirdBits, eighth, 1);
        return Unpacking256.Bits(blocks + Codes + (eighth / 4 * 32), eighth % 4 * 2, 3) | (third.AsUInt16() << 2).AsByte();
    }
}
