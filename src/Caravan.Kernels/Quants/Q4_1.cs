using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

/// <summary>
/// Blocks of 32 elements in 20 bytes: value = scale · code + minimum.
/// <code>
/// 0..1    scale, half
/// 2..3    minimum, half
/// 4..19   4-bit codes: byte i holds element i in its low and element i + 16 in its high half
/// </code>
/// Encoding spreads the codes evenly from the smallest to the largest value.
/// </summary>
internal readonly unsafe partial struct Q4_1 : IBlockFormat
{
    private const int Elements = 32;
    private const int Bytes = 20;
    private const int Minimum = 2;
    private const int Codes = 4;
    private const int LargestCode = 15;

    public static DType DType => DType.Q4_1;

    public static int BlockElements => Elements;

    public static int BlockBytes => Bytes;

    public static void Encode(float* source, byte* blocks, long elements, float* importance)
    {
        byte* codes = stackalloc byte[Elements];
        float spread = importance is null ? 0 : Importance.MeanSquare(source, elements);
        for (long start = 0; start < elements; start += Elements, blocks += Bytes)
        {
            float* weights = importance is null ? null : importance + start;
            (float scale, float minimum) = BlockScale.Affine(source + start, weights, spread, LargestCode, codes);
            *(ushort*)blocks = HalfFloats.FromSingle(scale);
            *(ushort*)(blocks + Minimum) = HalfFloats.FromSingle(minimum);
            CodePacking.PackNibbles(codes, blocks + Codes);
        }
    }

    public static void Decode(byte* blocks, float* destination, long elements)
    {
        for (float* end = destination + elements; destination < end; destination += Elements, blocks += Bytes)
        {
            Vector256<float> scale = Vector256.Create(HalfFloats.ToSingle(*(ushort*)blocks));
            Vector256<float> minimum = Vector256.Create(HalfFloats.ToSingle(*(ushort*)(blocks + Minimum)));
            (Vector128<byte> first, Vector128<byte> second) = CodePacking.Nibbles(blocks + Codes);
            CodeLanes.Store(first, scale, minimum, destination);
            CodeLanes.Store(second, scale, minimum, destination + 16);
        }
    }

    public static void DecodeScalar(byte* blocks, float* destination, long elements)
    {
        for (float* end = destination + elements; destination < end; destination += Elements, blocks += Bytes)
        {
            float scale = HalfFloats.ToSingle(*(ushort*)blocks);
            float minimum = HalfFloats.ToSingle(*(ushort*)(blocks + Minimum));
            for (int i = 0; i < 16; i++)
            {
                destination[i] = (scale * (blocks[Codes + i] & 15)) + minimum;
                destination[i + 16] = (scale * (blocks[Codes + i] >> 4)) + minimum;
            }
        }
    }

    public static float Dot(byte* blocks, float* activations, long elements) =>
        BlockDot.InPieces<Q4_1>(blocks, activations, elements);
}
