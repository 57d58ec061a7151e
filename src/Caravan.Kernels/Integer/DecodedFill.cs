using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Caravan.Kernels;

/// <summary>Weights of any type, by way of floats; each column gets a scale of its own.</summary>
internal readonly unsafe struct DecodedFill<TBlock> : IGradientFill
    where TBlock : struct, IBlockFormat
{
    private const int Chunk = ChunkedRows.Chunk;

    /// <summary>Outputs ahead that are asked for: each lies in a page of its own.</summary>
    private const int OutputsAhead = 8;

    /// <inheritdoc/>
    public static long ScratchFloats(int width) => Chunk * width;

    /// <inheritdoc/>
    public static void Fill(byte* blocks, long rowBytes, int outputs, int columns, int width, float* scratch, float* scales, byte* codes)
    {
        for (int output = 0; output < outputs; output++, blocks += rowBytes)
        {
            Sse.Prefetch0(blocks + (OutputsAhead * rowBytes));
            TBlock.Decode(blocks, scratch + (output * width), columns);
        }

        new Span<float>(scratch + (outputs * width), (Chunk - outputs) * width).Clear();
        for (int i = 0; i < columns; i += 16) Round(scratch + i, width, scales + i, codes + (4 * i));
    }

    /// <summary>Sixteen columns; a register gets four outputs of each.</summary>
    private static void Round(float* weights, int width, float* scales, byte* codes)
    {
        Vector512<float> most = default;
        for (int output = 0; output < Chunk; output++) most = Vector512.Max(most, Vector512.Abs(Vector512.Load(weights + (output * width))));
        // A column of zeros has the scale 0, whatever its codes; NaN and infinity make every result NaN or infinite.
        Vector512<float> inverse = Vector512.Create(127f) / Vector512.Max(most, Vector512.Create(ChunkedRows.Smallest));
        (most / Vector512.Create(127f)).Store(scales);
        for (int output = 0; output < Chunk; output += 4, weights += 4 * width, codes += 4 * width)
        {
            Vector512<int> four = Code(weights, inverse) + (Code(weights + width, inverse) << 8);
            four += (Code(weights + (2 * width), inverse) << 16) + (Code(weights + (3 * width), inverse) << 24);
            (four + Vector512.Create(unchecked((int)0x80808080))).Store((int*)codes);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Code(float* weights, Vector512<float> inverse) => Avx512F.ConvertToVector512Int32(Vector512.Load(weights) * inverse);
}
