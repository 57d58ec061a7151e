using System.Runtime.CompilerServices;

namespace Caravan.Kernels;

/// <summary>One float: the scalar reference of every kernel.</summary>
internal unsafe struct Lanes1(float value) : ILanes<Lanes1>
{
    private float value = value;

    public static int Count => 1;

    public static Lanes1 Broadcast(float value) => new(value);

    public static Lanes1 Load(float* source) => new(*source);

    public static Lanes1 LoadF16(ushort* source) => new(HalfFloats.ToSingle(*source));

    public static Lanes1 LoadBF16(ushort* source) => new(BrainFloats.ToSingle(*source));

    public static void Store(Lanes1 value, float* destination) => *destination = value.value;

    public static Lanes1 operator +(Lanes1 left, Lanes1 right) => new(left.value + right.value);

    public static Lanes1 operator -(Lanes1 left, Lanes1 right) => new(left.value - right.value);

    public static Lanes1 operator *(Lanes1 left, Lanes1 right) => new(left.value * right.value);

    public static Lanes1 operator /(Lanes1 left, Lanes1 right) => new(left.value / right.value);

    public static Lanes1 MultiplyAdd(Lanes1 left, Lanes1 right, Lanes1 addend) => new((left.value * right.value) + addend.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddProduct(ref Lanes1 sum, Lanes1 left, Lanes1 right) =>
        sum.value = (left.value * right.value) + sum.value;

    public static Lanes1 Max(Lanes1 left, Lanes1 right) => new(MathF.Max(left.value, right.value));

    public static Lanes1 MaxOf(Lanes1 left, Lanes1 right) => left.value > right.value ? left : right;

    public static Lanes1 Min(Lanes1 left, Lanes1 right) => new(MathF.Min(left.value, right.value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 Exp(Lanes1 value) => new(MathF.Exp(value.value));

    public static Lanes1 Sqrt(Lanes1 value) => new(MathF.Sqrt(value.value));

    public static Lanes1 PowerOfTwo(Lanes1 shifted) => new(BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(shifted.value) << 23));

    public static Lanes1 LoadHalves(ushort* source) => new(HalfFloats.ToSingle(*source));

    public static Lanes1 LoadBytes(sbyte* source) => new(*source);

    public static float Sum(Lanes1 value) => value.value;

    public static void StoreSums(Lanes1 first, Lanes1 second, Lanes1 third, Lanes1 fourth, float* destination) =>
        (destination[0], destination[1], destination[2], destination[3]) = (first.value, second.value, third.value, fourth.value);

    public static void Transpose(float* source, long sourceStride, float* destination, long destinationStride) => *destination = *source;

    public static float MaxAcross(Lanes1 value) => value.value;
}
