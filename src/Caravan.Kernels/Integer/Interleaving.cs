using System.Runtime.CompilerServices;

namespace Caravan.Kernels;

/// <summary>Steps that the block types share when their scales are interleaved.</summary>
internal static unsafe class Interleaving
{
    /// <summary>For each of so many places, <paramref name="stride"/> bytes apart, the halves of 16 rows side by side.</summary>
    internal static void MoveHalves(byte* first, long rowBytes, int stride, int places, byte* target)
    {
        for (int place = 0; place < places; place++, first += stride)
            for (int row = 0; row < 16; row++, target += sizeof(ushort)) *(ushort*)target = Unsafe.ReadUnaligned<ushort>(first + (row * rowBytes));
    }

    /// <summary>Four bytes of 16 rows side by side.</summary>
    internal static void MoveFours(byte* first, long rowBytes, byte* target)
    {
        for (int row = 0; row < 16; row++) *(uint*)(target + (4 * row)) = Unsafe.ReadUnaligned<uint>(first + (row * rowBytes));
    }
}
