using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Caravan.Kernels;

/// <summary>Sixteen rows of interleaved weights; see <see cref="IInterleave512"/>.</summary>
internal readonly unsafe struct InterleavedRows<TBlock>(byte* rows) : IByteSource
    where TBlock : struct, IInterleave512
{
    /// <summary>Rows that lie side by side.</summary>
    internal const int Count = 16;

    private readonly byte* rows = rows;

    public static int FourBytes => 4 * Count;

    /// <summary>Bytes of a unit.</summary>
    internal static int UnitBytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Count * TBlock.BlockBytes * (TBlock.UnitColumns / TBlock.BlockElements);
    }

    /// <summary>Groups of a unit.</summary>
    internal static int UnitGroups
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TBlock.UnitColumns / TBlock.GroupColumns;
    }

    /// <summary>The codes of a group.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* Codes(long group) => rows + (group / UnitGroups * UnitBytes) + (group % UnitGroups * TBlock.GroupBytes);

    /// <summary>Fours i and i + half of a group.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public (Vector512<byte> First, Vector512<byte> Second) Fours(long group, int i)
    {
        byte* codes = Codes(group);
        if (TBlock.CodeBits == 8) return (Vector512.Load(codes + (i * 64)), Vector512.Load(codes + ((i + (TBlock.GroupColumns / 8)) * 64)));
        Vector512<byte> mask = Vector512.Create((byte)15), lower = Vector512.Load(codes + (i * 64));
        Vector512<byte> first = lower & mask, second = (lower.AsUInt16() >> 4).AsByte() & mask;
        if (TBlock.CodeBits <= 4) return (first, second);
        Vector512<byte> upperMask = Vector512.Create((byte)0x30);
        Vector512<ushort> upper = Avx512BW.ShiftRightLogical(
            Vector512.Load(codes + (TBlock.GroupColumns / 8 * 64)).AsUInt16(), Vector128.CreateScalar((ushort)(2 * i)));
        return (first | ((upper << 4).AsByte() & upperMask), second | (upper.AsByte() & upperMask));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Scales(long group) => TBlock.InterleavedScales(UnitScales(group), (int)(group % UnitGroups));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Offsets(long group, Vector512<float> scales) => TBlock.CodeBits == 8
        ? scales * -128
        : TBlock.InterleavedOffsets(UnitScales(group), (int)(group % UnitGroups), scales);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* UnitScales(long group) => rows + (group / UnitGroups * UnitBytes) + (UnitGroups * TBlock.GroupBytes);
}
