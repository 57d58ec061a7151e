using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Caravan.Kernels;

/// <summary>Lanes are outputs, of weights of 4-bit codes, without a float for each; the blocks of a chunk share a scale.</summary>
internal readonly unsafe struct NibbleRows<TBlock> : IChunkFill
    where TBlock : struct, INibbles512
{
    private const int Block = 32;
    private const int ChunkBlocks = ChunkedRows.Chunk / Block;

    /// <summary>Outputs that are turned together, so that a register gets four columns of each.</summary>
    private const int Turned = 8;

    /// <inheritdoc/>
    public static int Width => 64;

    /// <inheritdoc/>
    public static long ScratchFloats => Nibbles<TBlock>.ScratchFloats;

    /// <inheritdoc/>
    public static void Fill(byte* weights, long rowBytes, long lane, int lanes, long term, int terms, float* scratch, float* scales, byte* codes)
    {
        byte* first = weights + (lane * rowBytes) + (term / Block * TBlock.BlockBytes);
        int blocks = terms / Block;
        Nibbles<TBlock> nibbles = new(scratch);
        for (int i = 0; i < lanes; i += Turned, first += Turned * rowBytes, codes += 4 * Turned)
        {
            if (blocks < ChunkBlocks) nibbles.End(0);
            for (int output = 0; output < Turned; output++)
            {
                byte* block = first + (output * rowBytes);
                for (int j = 0; j < blocks; j++) nibbles.Take((output * ChunkBlocks) + j, block + (j * TBlock.BlockBytes));
                // The same columns of the next chunk.
                Sse.Prefetch0(block + ((ChunkBlocks + 2) * TBlock.BlockBytes));
                Sse.Prefetch0(block + ((ChunkBlocks + 6) * TBlock.BlockBytes));
            }

            for (int output = 0; output < Turned; output += 2)
            {
                Vector512<int> largest = nibbles.Largest(output * ChunkBlocks);
                float even = ChunkedRows.MaxAcross(largest.GetLower()), odd = ChunkedRows.MaxAcross(largest.GetUpper());
                scales[i + output] = even / 127;
                scales[i + output + 1] = odd / 127;
                nibbles.Divide(output * ChunkBlocks, Vector512.Create(Vector256.Create(127 / MathF.Max(even, ChunkedRows.Smallest)), Vector256.Create(127 / MathF.Max(odd, ChunkedRows.Smallest))));
            }

            for (int j = 0; j < blocks; j++) Turn(nibbles, j, first + (j * TBlock.BlockBytes), rowBytes, codes + (j * Block * Width));
        }
    }

    /// <summary>A block of eight outputs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Turn(in Nibbles<TBlock> nibbles, int j, byte* block, long rowBytes, byte* codes)
    {
        Turn(
            nibbles.Codes(j, block), nibbles.Codes(j + ChunkBlocks, block + rowBytes), nibbles.Codes(j + (2 * ChunkBlocks), block + (2 * rowBytes)),
            nibbles.Codes(j + (3 * ChunkBlocks), block + (3 * rowBytes)), codes);
        Turn(
            nibbles.Codes(j + (4 * ChunkBlocks), block + (4 * rowBytes)), nibbles.Codes(j + (5 * ChunkBlocks), block + (5 * rowBytes)),
            nibbles.Codes(j + (6 * ChunkBlocks), block + (6 * rowBytes)), nibbles.Codes(j + (7 * ChunkBlocks), block + (7 * rowBytes)), codes + 16);
    }

    /// <summary>Four columns of each of four outputs, eight times.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Turn(Vector256<byte> a, Vector256<byte> b, Vector256<byte> c, Vector256<byte> d, byte* codes)
    {
        Vector256<long> low = Avx2.UnpackLow(a.AsInt32(), b.AsInt32()).AsInt64(), lowToo = Avx2.UnpackLow(c.AsInt32(), d.AsInt32()).AsInt64();
        Vector256<long> high = Avx2.UnpackHigh(a.AsInt32(), b.AsInt32()).AsInt64(), highToo = Avx2.UnpackHigh(c.AsInt32(), d.AsInt32()).AsInt64();
        Store(Avx2.UnpackLow(low, lowToo), codes);
        Store(Avx2.UnpackHigh(low, lowToo), codes + (4 * Width));
        Store(Avx2.UnpackLow(high, highToo), codes + (8 * Width));
        Store(Avx2.UnpackHigh(high, highToo), codes + (12 * Width));
    }

    /// <summary>Columns of the block's first half, and of its second.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<long> fours, byte* codes)
    {
        fours.GetLower().AsByte().Store(codes);
        fours.GetUpper().AsByte().Store(codes + (Block / 2 * Width));
    }
}
