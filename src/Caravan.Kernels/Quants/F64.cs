namespace Caravan.Kernels;

/// <summary>IEEE 754 binary64, little endian: 8 bytes per element. Decoding rounds to the nearest float.</summary>
internal readonly unsafe struct F64 : IBlockFormat
{
    public static DType DType => DType.F64;

    public static int BlockElements => 1;

    public static int BlockBytes => sizeof(double);

    public static void Encode(float* source, byte* blocks, long elements, float* importance)
    {
        for (long i = 0; i < elements; i++) ((double*)blocks)[i] = source[i];
    }

    public static void Decode(byte* blocks, float* destination, long elements) => DecodeScalar(blocks, destination, elements);

    public static void DecodeScalar(byte* blocks, float* destination, long elements)
    {
        for (long i = 0; i < elements; i++) destination[i] = (float)((double*)blocks)[i];
    }

    public static float Dot(byte* blocks, float* activations, long elements) =>
        BlockDot.InPieces<F64>(blocks, activations, elements);
}
