using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

internal readonly unsafe partial struct Q8_0 : IInterleave512
{
    /// <summary>Two blocks, so that units fill cache lines.</summary>
    public static int UnitColumns => 64;

    public static int GroupBytes => 512;

    public static void InterleaveScales(byte* blocks, long rowBytes, byte* scales) => Interleaving.MoveHalves(blocks, rowBytes, Bytes, 2, scales);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> InterleavedScales(byte* scales, int group) => Unpacking512.SixteenHalves(scales + (group * 32));

    public static Vector512<float> InterleavedOffsets(byte* scales, int group, Vector512<float> groupScales) => groupScales * -128;
}
