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
    private const int Eight = 8;

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
        byte* last = stackalloc byte[Eight * TBlock.BlockBytes];
        for (int output = 0; output < Chunk; output += Eight, block += Eight * rowBytes, codes += Eight * Width)
        {
            if (output + Eight <= outputs)
            {
                Round(nibbles, output, block, rowBytes, codes);
                continue;
            }

            for (int i = 0; output + i < outputs; i++) Unsafe.CopyBlockUnaligned(last + (i * TBlock.BlockBytes), block + (i * rowBytes), (uint)TBlock.BlockBytes);
            Round(nibbles, output, last, TBlock.BlockBytes, codes);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(in Nibbles<TBlock> nibbles, int output, byte* block, long stride, byte* codes)
    {
        byte* fourth = block + (4 * stride);
        (Vector256<byte> a, Vector256<byte> a16) = nibbles.Codes(output, 0, block, fourth);
        (Vector256<byte> b, Vector256<byte> b16) = nibbles.Codes(output, 0x55, block + stride, fourth + stride);
        (Vector256<byte> c, Vector256<byte> c16) = nibbles.Codes(output, 0xAA, block + (2 * stride), fourth + (2 * stride));
        (Vector256<byte> d, Vector256<byte> d16) = nibbles.Codes(output, 0xFF, block + (3 * stride), fourth + (3 * stride));
        Turn(a, b, c, d, codes);
        Turn(a16, b16, c16, d16, codes + 64);
    }

    /// <summary>16 columns of four outputs, and of the four after these.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Turn(Vector256<byte> a, Vector256<byte> b, Vector256<byte> c, Vector256<byte> d, byte* codes)
    {
        Vector256<ushort> low = Avx2.UnpackLow(a, b).AsUInt16(), lowToo = Avx2.UnpackLow(c, d).AsUInt16();
        Vector256<ushort> high = Avx2.UnpackHigh(a, b).AsUInt16(), highToo = Avx2.UnpackHigh(c, d).AsUInt16();
        Store(Avx2.UnpackLow(low, lowToo), codes);
        Store(Avx2.UnpackHigh(low, lowToo), codes + 16);
        Store(Avx2.UnpackLow(high, highToo), codes + 32);
        Store(Avx2.UnpackHigh(high, highToo), codes + 48);
    }

    /// <summary>Four columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<ushort> fours, byte* codes)
    {
        fours.GetLower().AsByte().Store(codes);
        fours.GetUpper().AsByte().Store(codes + (4 * Width));
    }
}
