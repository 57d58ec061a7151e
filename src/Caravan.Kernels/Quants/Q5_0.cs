using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

/// <summary>
/// Blocks of 32 elements in 22 bytes: value = scale · (code - 16).
/// <code>
/// 0..1    scale, half
/// 2..5    fifth bits: bit i of the little-endian word belongs to element i
/// 6..21   lower four bits: byte i holds element i in its low and element i + 16 in its high half
/// </code>
/// Encoding maps the value of largest magnitude to code 0, so the scale carries its sign, negated, and the other side loses one step.
/// </summary>
internal readonly unsafe partial struct Q5_0 : IBlockFormat
{
    private const int Elements = 32;
    private const int Bytes = 22;
    private const int FifthBits = 2;
    private const int Codes = 6;
    private const int Middle = 16;

    public static DType DType => DType.Q5_0;

    public static int BlockElements => Elements;

    public static int BlockBytes => Bytes;

    public static void Encode(float* source, byte* blocks, long elements, float* importance)
    {
        byte* codes = stackalloc byte[Elements];
        float spread = importance is null ? 0 : Importance.MeanSquare(source, elements);
        for (long start = 0; start < elements; start += Elements, blocks += Bytes)
        {
            float* weights = importance is null ? null : importance + start;
            float scale = BlockScale.Symmetric(source + start, weights, spread, Middle, codes);
            *(ushort*)blocks = HalfFloats.FromSingle(scale);
            *(uint*)(blocks + FifthBits) = CodePacking.PackFifthBits(codes);
            CodePacking.PackNibbles(codes, blocks + Codes);
        }
    }

    public static void Decode(byte* blocks, float* destination, long elements)
    {
        Vector128<sbyte> middle = Vector128.Create((sbyte)Middle);
        for (float* end = destination + elements; destination < end; destination += Elements, blocks += Bytes)
        {
            Vector256<float> scale = Vector256.Create(HalfFloats.ToSingle(*(ushort*)blocks));
            (Vector128<byte> first, Vector128<byte> second) = CodePacking.FiveBitCodes(blocks + Codes, *(uint*)(blocks + FifthBits));
            CodeLanes.Store(first.AsSByte() - middle, scale, destination);
            CodeLanes.Store(second.AsSByte() - middle, scale, destination + 16);
        }
    }

    public static void DecodeScalar(byte* blocks, float* destination, long elements)
    {
        for (float* end = destination + elements; destination < end; destination += Elements, blocks += Bytes)
        {
            float scale = HalfFloats.ToSingle(*(ushort*)blocks);
            uint fifthBits = *(uint*)(blocks + FifthBits);
            for (int i = 0; i < Elements; i++)
                destination[i] = scale * (CodePacking.FiveBitCode(blocks + Codes, fifthBits, i) - Middle);
        }
    }

    public static float Dot(byte* blocks, float* activations, long elements) =>
        BlockDot.InPieces<Q5_0>(blocks, activations, elements);
}
