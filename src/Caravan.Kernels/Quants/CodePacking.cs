using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

/// <summary>
/// How the 32-element block types store 4- and 5-bit codes: byte i of 16 holds the lower four bits of code i in its low half and those of
/// code i + 16 in its high half; bit i of a 32-bit word is the fifth bit of code i.
/// </summary>
internal static unsafe class CodePacking
{
    /// <summary>Packs the lower four bits of 32 codes into 16 bytes.</summary>
    internal static void PackNibbles(byte* codes, byte* packed)
    {
        for (int i = 0; i < 16; i++) packed[i] = (byte)((codes[i] & 15) | codes[i + 16] << 4);
    }

    /// <summary>The fifth bits of 32 codes.</summary>
    internal static uint PackFifthBits(byte* codes)
    {
        uint bits = 0;
        for (int i = 0; i < 32; i++) bits |= (codes[i] & 16u) >> 4 << i;
        return bits;
    }

    /// <summary>Code <paramref name="index"/> of 32 5-bit codes.</summary>
    internal static int FiveBitCode(byte* packed, uint fifthBits, int index)
    {
        int nibble = index < 16 ? packed[index] & 15 : packed[index - 16] >> 4;
        return nibble | (int)(fifthBits >> index & 1) << 4;
    }

    /// <summary>32 4-bit codes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static (Vector128<byte> First, Vector128<byte> Second) Nibbles(byte* packed)
    {
        Vector128<byte> bytes = Vector128.Load(packed);
        return (bytes & Vector128.Create((byte)15), bytes >> 4);
    }

    /// <summary>32 5-bit codes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static (Vector128<byte> First, Vector128<byte> Second) FiveBitCodes(byte* packed, uint fifthBits)
    {
        (Vector128<byte> first, Vector128<byte> second) = Nibbles(packed);
        Vector128<byte> fifth = Vector128.Create((byte)16);
        return (first | CodeLanes.MaskOfBits(fifthBits) & fifth, second | CodeLanes.MaskOfBits(fifthBits >> 16) & fifth);
    }
}
