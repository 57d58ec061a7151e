using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

/// <summary>The weights that <see cref="Panel512{TBlock}"/> unpacked.</summary>
internal readonly unsafe struct PanelSource<TBlock>(PanelScratch panel) : ITileSource
    where TBlock : struct, IUnpack512
{
    private const int FourBytes = 4 * PanelScratch.Rows;

    private readonly byte* codes = panel.Codes;
    private readonly float* scales = panel.Scales, offsets = panel.Offsets;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public (Vector512<byte> First, Vector512<byte> Second) Low(long group, int i) => Codes(codes, group, i);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public (Vector512<byte> First, Vector512<byte> Second) High(long group, int i) => Codes(codes + 64, group, i);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> LowScales(long group) => Vector512.LoadAligned(scales + (group * PanelScratch.Rows));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> HighScales(long group) => Vector512.LoadAligned(scales + (group * PanelScratch.Rows) + 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> LowOffsets(long group, Vector512<float> scales) => Vector512.LoadAligned(offsets + (group * PanelScratch.Rows));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> HighOffsets(long group, Vector512<float> scales) => Vector512.LoadAligned(offsets + (group * PanelScratch.Rows) + 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector512<byte> First, Vector512<byte> Second) Codes(byte* codes, long group, int i)
    {
        byte* first = codes + (((group * (TBlock.GroupColumns / 4)) + i) * FourBytes);
        return (Vector512.LoadAligned(first), Vector512.LoadAligned(first + (TBlock.GroupColumns / 8 * FourBytes)));
    }
}
