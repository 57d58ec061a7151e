using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

internal readonly unsafe partial struct Q4K : IInterleave512
{
    /// <summary>Behind the scales as twelve bytes, a register for four of them.</summary>
    private const int InterleavedHalves = 3 * 64;

    public static int UnitColumns => SuperBlock.Elements;

    public static int GroupBytes => 256;

    public static void InterleaveScales(byte* blocks, long rowBytes, byte* scales)
    {
        for (int four = 0; four < 3; four++) Interleaving.MoveFours(blocks + Scales + (4 * four), rowBytes, scales + (64 * four));
        Interleaving.MoveHalves(blocks, rowBytes, Minimum, 2, scales + InterleavedHalves);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> InterleavedScales(byte* scales, int group)
    {
        Vector512<uint> first = Vector512.Load((uint*)scales);
        Vector512<uint> six = group < 4
            ? (first >> (8 * group)) & Vector512.Create(63u)
            : ((Vector512.Load((uint*)(scales + 128)) >> (8 * (group - 4))) & Vector512.Create(15u)) | ((first >> ((8 * group) - 30)) & Vector512.Create(0x30u));
        return Vector512.ConvertToSingle(six.AsInt32()) * Unpacking512.SixteenHalves(scales + InterleavedHalves);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> InterleavedOffsets(byte* scales, int group, Vector512<float> groupScales)
    {
        Vector512<uint> middle = Vector512.Load((uint*)(scales + 64));
        Vector512<uint> six = group < 4
            ? (middle >> (8 * group)) & Vector512.Create(63u)
            : ((Vector512.Load((uint*)(scales + 128)) >> ((8 * group) - 28)) & Vector512.Create(15u)) | ((middle >> ((8 * group) - 30)) & Vector512.Create(0x30u));
        return Vector512.ConvertToSingle(six.AsInt32()) * -Unpacking512.SixteenHalves(scales + InterleavedHalves + 32);
    }
}
