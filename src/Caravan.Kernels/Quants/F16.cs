using System.Runtime.CompilerServices;

namespace Caravan.Kernels;

/// <summary>IEEE 754 binary16, little endian: 2 bytes per element. <see cref="HalfFloats"/> converts.</summary>
internal readonly unsafe struct F16 : IBlockFormat
{
    public static DType DType => DType.F16;

    public static int BlockElements => 1;

    public static int BlockBytes => sizeof(ushort);

    public static bool Streams => true;

    public static void Encode(float* source, byte* blocks, long elements, float* importance) =>
        HalfFloats.FromSingle(source, (ushort*)blocks, elements);

    public static void Decode(byte* blocks, float* destination, long elements) =>
        HalfFloats.ToSingle((ushort*)blocks, destination, elements);

    public static void DecodeScalar(byte* blocks, float* destination, long elements)
    {
        for (long i = 0; i < elements; i++) destination[i] = HalfFloats.ToSingle(((ushort*)blocks)[i]);
    }

    public static float Dot(byte* blocks, float* activations, long elements) =>
        BlockDot.InPieces<F16>(blocks, activations, elements);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Load<TLanes>(byte* blocks)
        where TLanes : unmanaged, ILanes<TLanes> => TLanes.LoadF16((ushort*)blocks);
}
