using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Caravan.Kernels;

/// <summary>
/// Weights of 4-bit codes without a float for each: the 16 values that codes stand for in a block are rounded, and codes look theirs up. The 32 columns of
/// a block share a scale.
/// </summary>
internal readonly unsafe struct NibbleFill<TBlock> : IGradientFill
    where TBlock : struct, INibbles512
{
    private const int Chunk = ChunkedRows.Chunk;
    private const int Block = 32;

    /// <summary>Outputs ahead that are asked for: each lies in a page of its own.</summary>
    private const int OutputsAhead = 16;

    /// <inheritdoc/>
    public static long ScratchFloats(int width) => 0;

    /// <inheritdoc/>
    public static void Fill(byte* blocks, long rowBytes, int outputs, int columns, int width, float* scratch, float* scales, byte* codes)
    {
        for (int i = 0; i < columns; i += Block, blocks += TBlock.BlockBytes, codes += 4 * Block)
        {
            Vector512<float> largest = default;
            byte* block = blocks;
            for (int output = 0; output < outputs; output++, block += rowBytes)
            {
                Sse.Prefetch0(block + (OutputsAhead * rowBytes));
                largest = Vector512.Max(largest, Vector512.Abs(TBlock.Values(block)));
            }

            float most = MaxAcross(largest);
            Vector512<float> scale = Vector512.Create(most / 127), inverse = Vector512.Create(127 / MathF.Max(most, ChunkedRows.Smallest));
            scale.Store(scales + i);
            scale.Store(scales + i + 16);
            Round(blocks, rowBytes, outputs, width, inverse, codes);
        }
    }

    private static void Round(byte* block, long rowBytes, int outputs, int width, Vector512<float> inverse, byte* codes)
    {
        byte* none = stackalloc byte[Block];
        new Span<byte>(none, Block).Clear();
        for (int output = 0; output < Chunk; output += 4, block += 4 * rowBytes, codes += 4 * width)
        {
            Vector256<byte> a = Codes(output < outputs ? block : none, inverse), b = Codes(output + 1 < outputs ? block + rowBytes : none, inverse);
            Vector256<byte> c = Codes(output + 2 < outputs ? block + (2 * rowBytes) : none, inverse), d = Codes(output + 3 < outputs ? block + (3 * rowBytes) : none, inverse);
            Vector256<ushort> low = Avx2.UnpackLow(a, b).AsUInt16(), lowToo = Avx2.UnpackLow(c, d).AsUInt16();
            Vector256<ushort> high = Avx2.UnpackHigh(a, b).AsUInt16(), highToo = Avx2.UnpackHigh(c, d).AsUInt16();
            Store(Avx2.UnpackLow(low, lowToo), codes);
            Store(Avx2.UnpackHigh(low, lowToo), codes + 16);
            Store(Avx2.UnpackLow(high, highToo), codes + 32);
            Store(Avx2.UnpackHigh(high, highToo), codes + 48);
        }
    }

    /// <summary>The codes of a block, elements 0 to 15 in the lower half.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Codes(byte* block, Vector512<float> inverse)
    {
        Vector512<int> rounded = Avx512F.ConvertToVector512Int32(TBlock.Values(block) * inverse) + Vector512.Create(128);
        Vector128<byte> values = Avx512F.ConvertToVector128Byte(rounded.AsUInt32()), packed = Vector128.Load(block + TBlock.CodesAt);
        Vector256<byte> nibbles = Vector256.Create(packed, (packed.AsUInt16() >> 4).AsByte()) & Vector256.Create((byte)15);
        return Avx2.Shuffle(Vector256.Create(values, values), nibbles);
    }

    /// <summary>Four columns of the block's first half, and the same of its second.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<ushort> fours, byte* codes)
    {
        fours.GetLower().AsByte().Store(codes);
        fours.GetUpper().AsByte().Store(codes + 64);
    }

    /// <summary>The largest of 16 magnitudes, compared as integers, in which NaN is the largest.</summary>
    private static float MaxAcross(Vector512<float> magnitudes)
    {
        int largest = 0;
        for (int i = 0; i < 16; i++) largest = Math.Max(largest, magnitudes.AsInt32().GetElement(i));
        return BitConverter.Int32BitsToSingle(largest);
    }
}
