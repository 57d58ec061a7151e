using System.Runtime.CompilerServices;

namespace Caravan.Kernels;

/// <summary>IEEE 754 binary32, little endian: 4 bytes per element.</summary>
internal readonly unsafe struct F32 : IBlockFormat
{
    public static DType DType => DType.F32;

    public static int BlockElements => 1;

    public static int BlockBytes => sizeof(float);

    public static bool Streams => true;

    public static void Encode(float* source, byte* blocks, long elements, float* importance) =>
        Buffer.MemoryCopy(source, blocks, elements * sizeof(float), elements * sizeof(float));

    public static void Decode(byte* blocks, float* destination, long elements) =>
        Buffer.MemoryCopy(blocks, destination, elements * sizeof(float), elements * sizeof(float));

    public static void DecodeScalar(byte* blocks, float* destination, long elements)
    {
        for (long i = 0; i < elements; i++) destination[i] = ((float*)blocks)[i];
    }

    public static float Dot(byte* blocks, float* activations, long elements) =>
        BlockDot.InPieces<F32>(blocks, activations, elements);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Load<TLanes>(byte* blocks)
        where TLanes : unmanaged, ILanes<TLanes> => TLanes.Load((float*)blocks);
}
