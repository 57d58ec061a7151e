using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

internal readonly unsafe partial struct Q6K : IInterleave512
{
    /// <summary>Behind the sixteen scales, a register for four of them.</summary>
    private const int InterleavedHalves = 4 * 64;

    public static int UnitColumns => SuperBlock.Elements;

    public static int GroupBytes => 192;

    public static void InterleaveScales(byte* blocks, long rowBytes, byte* scales)
    {
        for (int four = 0; four < 4; four++) Interleaving.MoveFours(blocks + Scales + (4 * four), rowBytes, scales + (64 * four));
        Interleaving.MoveHalves(blocks + Scale, rowBytes, 0, 1, scales + InterleavedHalves);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> InterleavedScales(byte* scales, int group)
    {
        Vector512<int> eight = (Vector512.Load((int*)(scales + (group / 4 * 64))) << (24 - (8 * (group & 3)))) >> 24;
        return Vector512.ConvertToSingle(eight) * Unpacking512.SixteenHalves(scales + InterleavedHalves);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> InterleavedOffsets(byte* scales, int group, Vector512<float> groupScales) => groupScales * -Limit;
}
