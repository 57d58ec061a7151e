using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Caravan.Kernels;

/// <summary>Lanes are columns, of weights of 4-bit codes, without a float for each; the 32 columns of a block share a scale.</summary>
internal readonly unsafe struct NibbleColumns<TBlock> : IChunkFill
    where TBlock : struct, INibbles512
{
    private const int Chunk = ChunkedRows.Chunk;
    private const int Block = 32;

    /// <summary>Outputs ahead that are asked for: each lies in a page of its own.</summary>
    private const int OutputsAhead = 16;

    /// <inheritdoc/>
    public static int Width => 128;

    /// <inheritdoc/>
    public static long ScratchFloats => Nibbles<TBlock>.ScratchFloats;

    /// <inheritdoc/>
    public static void Fill(byte* weights, long rowBytes, long lane, int lanes, long term, int terms, float* scratch, float* scales, byte* codes)
    {
        byte* blocks = weights + (term * rowBytes) + (lane / Block * TBlock.BlockBytes);
        Nibbles<TBlock> nibbles = new(scratch);
        for (int i = 0; i < lanes; i += Block, blocks += TBlock.BlockBytes, codes += 4 * Block)
        {
            byte* block = blocks;
            for (int output = 0; output < terms; output++, block += rowBytes)
            {
                Sse.Prefetch0(block + (OutputsAhead * rowBytes));
                nibbles.Take(output, block);
            }

            if (terms < Chunk) nibbles.End(terms);
            Vector512<int> largest = default;
            for (int output = 0; output < Chunk; output += 16) largest = Vector512.Max(largest, nibbles.Largest(output));
            float most = ChunkedRows.MaxAcross(largest);
            Vector512<float> scale = Vector512.Create(most / 127), inverse = Vector512.Create(127 / MathF.Max(most, ChunkedRows.Smallest));
            scale.Store(scales + i);
            scale.Store(scales + i + 16);
            for (int output = 0; output < Chunk; output += 16) nibbles.Divide(output, inverse);
            Round(nibbles, blocks, rowBytes, terms, codes);
        }
    }

    private static void Round(Nibbles<TBlock> nibbles, byte* block, long rowBytes, int outputs, byte* codes)
    {
        byte* none = stackalloc byte[Block];
        for (int output = 0; output < Chunk; output += 4, block += 4 * rowBytes, codes += 4 * Width)
        {
            Vector256<byte> a = nibbles.Codes(output, output < outputs ? block : none), b = nibbles.Codes(output + 1, output + 1 < outputs ? block + rowBytes : none);
            Vector256<byte> c = nibbles.Codes(output + 2, output + 2 < outputs ? block + (2 * rowBytes) : none), d = nibbles.Codes(output + 3, output + 3 < outputs ? block + (3 * rowBytes) : none);
            Vector256<ushort> low = Avx2.UnpackLow(a, b).AsUInt16(), lowToo = Avx2.UnpackLow(c, d).AsUInt16();
            Vector256<ushort> high = Avx2.UnpackHigh(a, b).AsUInt16(), highToo = Avx2.UnpackHigh(c, d).AsUInt16();
            Store(Avx2.UnpackLow(low, lowToo), codes);
            Store(Avx2.UnpackHigh(low, lowToo), codes + 16);
            Store(Avx2.UnpackLow(high, highToo), codes + 32);
            Store(Avx2.UnpackHigh(high, highToo), codes + 48);
        }
    }

    /// <summary>Four columns of the block's first half, and the same of its second.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<ushort> fours, byte* codes)
    {
        fours.GetLower().AsByte().Store(codes);
        fours.GetUpper().AsByte().Store(codes + 64);
    }
}
