using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

/// <summary>Rows 0 to 15 or 16 to 31 of a panel.</summary>
internal readonly unsafe struct PanelBytes<TBlock>(PanelScratch panel, int firstRow) : IByteSource
    where TBlock : struct, IUnpack512
{
    private readonly byte* codes = panel.Codes + (firstRow * 4);
    private readonly float* scales = panel.Scales + firstRow, offsets = panel.Offsets + firstRow;

    public static int FourBytes => 4 * PanelScratch.Rows;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* Codes(long group) => codes + (group * (TBlock.GroupColumns * PanelScratch.Rows));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Scales(long group) => Vector512.LoadAligned(scales + (group * PanelScratch.Rows));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Offsets(long group, Vector512<float> scales) => Vector512.LoadAligned(offsets + (group * PanelScratch.Rows));
}
