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
        if (blocks < ChunkBlocks) nibbles.End(0);
        for (int i = 0; i < lanes; i += Turned, first += Turned * rowBytes, codes += 4 * Turned)
        {
            for (int output = 0; output < Turned; output++)
            {
                byte* block = first + (output * rowBytes);
                for (int j = 0; j < blocks; j++) nibbles.Take((j * Turned) + output, block + (j * TBlock.BlockBytes));
                // The same columns of the next chunk.
                Sse.Prefetch0(block + ((ChunkBlocks + 2) * TBlock.BlockBytes));
                Sse.Prefetch0(block + ((ChunkBlocks + 6) * TBlock.BlockBytes));
            }

            Vector512<int> largest = default;
            for (int j = 0; j < ChunkBlocks; j += 2) largest = Vector512.Max(largest, nibbles.Largest(j * Turned));
            Vector256<float> most = Vector256.Max(largest.GetLower(), largest.GetUpper()).AsSingle();
            (most / 127f).Store(scales + i);
            Vector256<float> inverse = Vector256.Create(127f) / Avx.Max(most, Vector256.Create(ChunkedRows.Smallest));
            for (int j = 0; j < ChunkBlocks; j += 2) nibbles.Divide(j * Turned, Vector512.Create(inverse, inverse));
            for (int j = 0; j < blocks; j++) Turn(nibbles, j * Turned, first + (j * TBlock.BlockBytes), rowBytes, codes + (j * Block * Width));
        }
    }

    /// <summary>A block of eight outputs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Turn(in Nibbles<TBlock> nibbles, int i, byte* block, long rowBytes, byte* codes)
    {
        byte* fourth = block + (4 * rowBytes);
        (Vector256<byte> a, Vector256<byte> a16) = nibbles.Codes(i, 0, block, fourth);
        (Vector256<byte> b, Vector256<byte> b16) = nibbles.Codes(i, 0x55, block + rowBytes, fourth + rowBytes);
        (Vector256<byte> c, Vector256<byte> c16) = nibbles.Codes(i, 0xAA, block + (2 * rowBytes), fourth + (2 * rowBytes));
        (Vector256<byte> d, Vector256<byte> d16) = nibbles.Codes(i, 0xFF, block + (3 * rowBytes), fourth + (3 * rowBytes));
        Turn(a, b, c, d, codes);
        Turn(a16, b16, c16, d16, codes + (Block / 2 * Width));
    }

    /// <summary>Four columns of each of eight outputs, four times.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Turn(Vector256<byte> a, Vector256<byte> b, Vector256<byte> c, Vector256<byte> d, byte* codes)
    {
        Vector256<long> low = Avx2.UnpackLow(a.AsInt32(), b.AsInt32()).AsInt64(), lowToo = Avx2.UnpackLow(c.AsInt32(), d.AsInt32()).AsInt64();
        Vector256<long> high = Avx2.UnpackHigh(a.AsInt32(), b.AsInt32()).AsInt64(), highToo = Avx2.UnpackHigh(c.AsInt32(), d.AsInt32()).AsInt64();
        Avx2.UnpackLow(low, lowToo).AsByte().Store(codes);
        Avx2.UnpackHigh(low, lowToo).AsByte().Store(codes + (4 * Width));
        Avx2.UnpackLow(high, highToo).AsByte().Store(codes + (8 * Width));
        Avx2.UnpackHigh(high, highToo).AsByte().Store(codes + (12 * Width));
    }
}
