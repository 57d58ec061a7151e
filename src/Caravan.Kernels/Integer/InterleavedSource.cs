using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

/// <summary>Weights that were interleaved at load, unpacked as a tile goes.</summary>
internal readonly unsafe struct InterleavedSource<TBlock>(byte* low, byte* high) : ITileSource
    where TBlock : struct, IInterleave512
{
    private readonly InterleavedRows<TBlock> low = new(low), high = new(high);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public (Vector512<byte> First, Vector512<byte> Second) Low(long group, int i) => low.Fours(group, i);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public (Vector512<byte> First, Vector512<byte> Second) High(long group, int i) => high.Fours(group, i);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> LowScales(long group) => low.Scales(group);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> HighScales(long group) => high.Scales(group);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> LowOffsets(long group, Vector512<float> scales) => low.Offsets(group, scales);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> HighOffsets(long group, Vector512<float> scales) => high.Offsets(group, scales);
}
