using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

/// <summary>
/// The last step of every vectorised decode: 16 small integer codes to floats, scaled and stored. Multiplies and adds round separately,
/// so the results are those of the scalar decode.
/// </summary>
internal static unsafe class CodeLanes
{
    /// <summary>destination[i] = codes[i] · scale, for 16 signed codes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Store(Vector128<sbyte> codes, Vector256<float> scale, float* destination)
    {
        Vector256<short> wide = Vector256.WidenLower(codes.ToVector256Unsafe());
        (Vector256.ConvertToSingle(Vector256.WidenLower(wide)) * scale).Store(destination);
        (Vector256.ConvertToSingle(Vector256.WidenUpper(wide)) * scale).Store(destination + 8);
    }

    /// <summary>destination[i] = codes[i] · scale + offset, for 16 codes of at most 7 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Store(Vector128<byte> codes, Vector256<float> scale, Vector256<float> offset, float* destination)
    {
        Vector256<short> wide = Vector256.WidenLower(codes.ToVector256Unsafe()).AsInt16();
        ((Vector256.ConvertToSingle(Vector256.WidenLower(wide)) * scale) + offset).Store(destination);
        ((Vector256.ConvertToSingle(Vector256.WidenUpper(wide)) * scale) + offset).Store(destination + 8);
    }

    /// <summary>16 bytes, all ones where the bit of <paramref name="bits"/> with the lane's number is set, else zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<byte> MaskOfBits(uint bits)
    {
        const ulong Repeat = 0x0101_0101_0101_0101;
        Vector128<byte> spread = Vector128.Create((bits & 0xFF) * Repeat, (bits >> 8 & 0xFF) * Repeat).AsByte();
        Vector128<byte> lane = Vector128.Create(0x8040_2010_0804_0201UL).AsByte();
        return Vector128.Equals(spread & lane, lane);
    }
}
