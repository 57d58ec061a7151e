using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

internal readonly unsafe partial struct Q6K : IUnpack256
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Scales256(byte* blocks, int half) =>
        Unpacking256.Singles(Vector128.Load((sbyte*)blocks + Scales), half) * Unpacking256.Half(blocks + Scale);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Offsets256(byte* blocks, Vector256<float> scales, int half) => scales * -Limit;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Codes256(byte* blocks, int eighth)
    {
        int half = eighth / 4, part = eighth % 4;
        Vector256<byte> low = Unpacking256.Bits(blocks + (half * 64) + (part % 2 * 32), part / 2 * 4, 15);
        return low | (Unpacking256.Bits(blocks + UpperBits + (half * 32), part * 2, 3).AsUInt16() << 4).AsByte();
    }
}
