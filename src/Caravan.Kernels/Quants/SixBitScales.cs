using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

/// <summary>
/// The 12 bytes in which Q4_K and Q5_K keep eight 6-bit scales and eight 6-bit minima.
/// <code>
/// byte 0..3    bits 0-5: scale 0..3       bits 6-7: upper two bits of scale 4..7
/// byte 4..7    bits 0-5: minimum 0..3     bits 6-7: upper two bits of minimum 4..7
/// byte 8..11   bits 0-3: lower four bits of scale 4..7     bits 4-7: lower four bits of minimum 4..7
/// </code>
/// </summary>
internal static unsafe class SixBitScales
{
    /// <summary>Bytes taken.</summary>
    internal const int Bytes = 12;

    internal static void Pack(byte* scales, byte* minima, byte* packed)
    {
        for (int i = 0; i < 4; i++)
        {
            packed[i] = (byte)(scales[i] | scales[i + 4] >> 4 << 6);
            packed[i + 4] = (byte)(minima[i] | minima[i + 4] >> 4 << 6);
            packed[i + 8] = (byte)((scales[i + 4] & 15) | minima[i + 4] << 4);
        }
    }

    internal static (int Scale, int Minimum) Read(byte* packed, int group)
    {
        if (group < 4) return (packed[group] & 63, packed[group + 4] & 63);
        int lower = packed[group + 4];
        return ((lower & 15) | packed[group - 4] >> 6 << 4, lower >> 4 | packed[group] >> 6 << 4);
    }

    /// <summary>All eight scales, one a byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong ReadScales(byte* packed)
    {
        uint first = *(uint*)packed, last = *(uint*)(packed + 8);
        return (first & 0x3F3F_3F3F) | (ulong)((last & 0x0F0F_0F0F) | ((first >> 2) & 0x3030_3030)) << 32;
    }

    /// <summary>All eight minima, one a byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong ReadMinima(byte* packed)
    {
        uint middle = *(uint*)(packed + 4), last = *(uint*)(packed + 8);
        return (middle & 0x3F3F_3F3F) | (ulong)(((last >> 4) & 0x0F0F_0F0F) | ((middle >> 2) & 0x3030_3030)) << 32;
    }

    /// <summary>Each of eight bytes twice: one for each 16 of the 32 elements in a group.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<byte> Twice(ulong bytes) =>
        Vector128.Shuffle(Vector128.CreateScalarUnsafe(bytes).AsByte(), Vector128.Create((byte)0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7));
}
