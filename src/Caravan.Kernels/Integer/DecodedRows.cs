using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Caravan.Kernels;

/// <summary>Lanes are outputs, of weights of any type, by way of floats.</summary>
internal readonly unsafe struct DecodedRows<TBlock> : IChunkFill
    where TBlock : struct, IBlockFormat
{
    private const int Chunk = ChunkedRows.Chunk;

    /// <inheritdoc/>
    public static int Width => 64;

    /// <inheritdoc/>
    public static long ScratchFloats => Chunk;

    /// <inheritdoc/>
    public static void Fill(byte* weights, long rowBytes, long lane, int lanes, long term, int terms, float* scratch, float* scales, byte* codes)
    {
        byte* blocks = weights + (lane * rowBytes) + (term / TBlock.BlockElements * TBlock.BlockBytes);
        new Span<float>(scratch, Chunk).Clear();
        for (int i = 0; i < lanes; i++, blocks += rowBytes)
        {
            TBlock.Decode(blocks, scratch, terms);
            scales[i] = Round(scratch, codes + (4 * i));
        }
    }

    /// <summary>The scale of one output, whose columns go to every fourth place of four.</summary>
    private static float Round(float* weights, byte* codes)
    {
        Vector512<int> largest = default;
        for (int i = 0; i < Chunk; i += 16) largest = Vector512.Max(largest, Vector512.Load(weights + i).AsInt32() & Vector512.Create(int.MaxValue));
        float most = ChunkedRows.MaxAcross(largest);
        Vector512<float> inverse = Vector512.Create(127 / MathF.Max(most, ChunkedRows.Smallest));
        for (int i = 0; i < Chunk; i += 16, codes += 16 * Width)
        {
            Vector512<int> rounded = Avx512F.ConvertToVector512Int32(Vector512.Load(weights + i) * inverse) + Vector512.Create(128);
            Vector128<int> fours = Avx512F.ConvertToVector128Byte(rounded.AsUInt32()).AsInt32();
            for (int four = 0; four < 4; four++) *(int*)(codes + (4 * Width * four)) = fours.GetElement(four);
        }

        return most / 127;
    }
}
