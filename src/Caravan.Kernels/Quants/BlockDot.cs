namespace Caravan.Kernels;

/// <summary>The dot product every format can offer: decode a piece into a buffer on the stack, multiply and add in float.</summary>
internal static unsafe class BlockDot
{
    /// <summary>Elements decoded at a time; a multiple of every block size.</summary>
    internal const int Piece = 256;

    /// <summary>Σ decoded(blocks)[i] · activations[i]: a sum in float per piece, the pieces added in double.</summary>
    internal static float InPieces<TBlock>(byte* blocks, float* activations, long elements)
        where TBlock : struct, IBlockFormat
    {
        float* decoded = stackalloc float[Piece];
        double total = 0;
        for (long start = 0; start < elements; start += Piece)
        {
            int count = (int)Math.Min(Piece, elements - start);
            TBlock.Decode(blocks + (start / TBlock.BlockElements * TBlock.BlockBytes), decoded, count);
            float sum = 0;
            for (int i = 0; i < count; i++) sum += decoded[i] * activations[start + i];
            total += sum;
        }

        return (float)total;
    }
}
