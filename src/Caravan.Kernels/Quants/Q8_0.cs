using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

/// <summary>
/// Blocks of 32 elements in 34 bytes: value = scale · code.
/// <code>
/// 0..1    scale, half
/// 2..33   32 signed 8-bit codes, -127..127
/// </code>
/// Encoding takes scale = largest magnitude / 127 and rounds to the nearest code, halves away from zero.
/// </summary>
internal readonly unsafe partial struct Q8_0 : IBlockFormat
{
    private const int Elements = 32;
    private const int Bytes = 34;
    private const int Codes = 2;

    public static DType DType => DType.Q8_0;

    public static int BlockElements => Elements;

    public static int BlockBytes => Bytes;

    public static void Encode(float* source, byte* blocks, long elements, float* importance)
    {
        for (float* end = source + elements; source < end; source += Elements, blocks += Bytes)
        {
            float largest = 0;
            for (int i = 0; i < Elements; i++) largest = MathF.Max(largest, MathF.Abs(source[i]));
            float scale = largest / 127;
            float inverse = BlockScale.Inverse(scale, out bool vanishes);
            *(ushort*)blocks = HalfFloats.FromSingle(scale);
            for (int i = 0; i < Elements; i++)
                blocks[Codes + i] = vanishes ? (byte)0 : (byte)(int)MathF.Round(source[i] * inverse, MidpointRounding.AwayFromZero);
        }
    }

    public static void Decode(byte* blocks, float* destination, long elements)
    {
        for (float* end = destination + elements; destination < end; destination += Elements, blocks += Bytes)
        {
            Vector256<float> scale = Vector256.Create(HalfFloats.ToSingle(*(ushort*)blocks));
            CodeLanes.Store(Vector128.Load((sbyte*)blocks + Codes), scale, destination);
            CodeLanes.Store(Vector128.Load((sbyte*)blocks + Codes + 16), scale, destination + 16);
        }
    }

    public static void DecodeScalar(byte* blocks, float* destination, long elements)
    {
        for (float* end = destination + elements; destination < end; destination += Elements, blocks += Bytes)
        {
            float scale = HalfFloats.ToSingle(*(ushort*)blocks);
            for (int i = 0; i < Elements; i++) destination[i] = scale * (sbyte)blocks[Codes + i];
        }
    }

    public static float Dot(byte* blocks, float* activations, long elements) =>
        BlockDot.InPieces<Q8_0>(blocks, activations, elements);
}
