using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Caravan.Kernels;

/// <summary>Lanes are columns, of weights of any type, by way of floats.</summary>
internal readonly unsafe struct DecodedColumns<TBlock> : IChunkFill
    where TBlock : struct, IBlockFormat
{
    private const int Chunk = ChunkedRows.Chunk;

    /// <summary>Outputs ahead that are asked for: each lies in a page of its own.</summary>
    private const int OutputsAhead = 8;

    /// <inheritdoc/>
    public static int Width
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Math.Max(64, TBlock.BlockElements);
    }

    /// <inheritdoc/>
    public static long ScratchFloats => Chunk * Width;

    /// <inheritdoc/>
    public static void Fill(byte* weights, long rowBytes, long lane, int lanes, long term, int terms, float* scratch, float* scales, byte* codes)
    {
        byte* blocks = weights + (term * rowBytes) + (lane / TBlock.BlockElements * TBlock.BlockBytes);
        for (int output = 0; output < terms; output++, blocks += rowBytes)
        {
            Sse.Prefetch0(blocks + (OutputsAhead * rowBytes));
            TBlock.Decode(blocks, scratch + (output * Width), lanes);
        }

        new Span<float>(scratch + (terms * Width), (Chunk - terms) * Width).Clear();
        for (int i = 0; i < lanes; i += 16) Round(scratch + i, scales + i, codes + (4 * i));
    }

    /// <summary>Sixteen columns; a register gets four outputs of each.</summary>
    private static void Round(float* weights, float* scales, byte* codes)
    {
        Vector512<float> most = default;
        for (int output = 0; output < Chunk; output++) most = Vector512.Max(most, Vector512.Abs(Vector512.Load(weights + (output * Width))));
        // A column of zeros has the scale 0, whatever its codes; NaN and infinity make every result NaN or infinite.
        Vector512<float> inverse = Vector512.Create(127f) / Vector512.Max(most, Vector512.Create(ChunkedRows.Smallest));
        (most / Vector512.Create(127f)).Store(scales);
        for (int output = 0; output < Chunk; output += 4, weights += 4 * Width, codes += 4 * Width)
        {
            Vector512<int> four = Code(weights, inverse) + (Code(weights + Width, inverse) << 8);
            four += (Code(weights + (2 * Width), inverse) << 16) + (Code(weights + (3 * Width), inverse) << 24);
            (four + Vector512.Create(unchecked((int)0x80808080))).Store((int*)codes);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Code(float* weights, Vector512<float> inverse) => Avx512F.ConvertToVector512Int32(Vector512.Load(weights) * inverse);
}
