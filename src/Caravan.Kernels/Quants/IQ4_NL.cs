using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

/// <summary>
/// Blocks of 32 elements in 18 bytes: value = scale · <see cref="Codebook"/>[code].
/// <code>
/// 0..1    scale, half
/// 2..17   4-bit codes: byte i holds element i in its low and element i + 16 in its high half
/// </code>
/// </summary>
internal readonly unsafe partial struct IQ4_NL : IBlockFormat
{
    private const int Elements = 32;
    private const int Bytes = 18;
    private const int Codes = 2;

    public static DType DType => DType.IQ4_NL;

    public static int BlockElements => Elements;

    public static int BlockBytes => Bytes;

    public static void Encode(float* source, byte* blocks, long elements, float* importance)
    {
        byte* codes = stackalloc byte[Elements];
        float* weights = stackalloc float[Elements];
        for (long start = 0; start < elements; start += Elements, blocks += Bytes)
        {
            float* values = source + start;
            float spread = 2 * Importance.MeanSquare(values, Elements);
            CodebookSearch.Weigh(values, importance is null ? null : importance + start, spread, weights);
            float scale = CodebookSearch.Scale(values, weights);
            CodebookSearch.Round(values, scale, codes);
            *(ushort*)blocks = HalfFloats.FromSingle(scale);
            CodePacking.PackNibbles(codes, blocks + Codes);
        }
    }

    public static void Decode(byte* blocks, float* destination, long elements)
    {
        for (float* end = destination + elements; destination < end; destination += Elements, blocks += Bytes)
        {
            Vector256<float> scale = Vector256.Create(HalfFloats.ToSingle(*(ushort*)blocks));
            (Vector128<sbyte> first, Vector128<sbyte> second) = Codebook.Unpack(blocks + Codes);
            CodeLanes.Store(first, scale, destination);
            CodeLanes.Store(second, scale, destination + 16);
        }
    }

    public static void DecodeScalar(byte* blocks, float* destination, long elements)
    {
        for (float* end = destination + elements; destination < end; destination += Elements, blocks += Bytes)
        {
            float scale = HalfFloats.ToSingle(*(ushort*)blocks);
            for (int i = 0; i < 16; i++)
            {
                destination[i] = scale * Codebook.Values[blocks[Codes + i] & 15];
                destination[i + 16] = scale * Codebook.Values[blocks[Codes + i] >> 4];
            }
        }
    }

    public static float Dot(byte* blocks, float* activations, long elements) =>
        BlockDot.InPieces<IQ4_NL>(blocks, activations, elements);
}
