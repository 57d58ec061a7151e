using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

/// <summary>Four floats in a 128-bit register (SSE, AdvSimd).</summary>
internal unsafe struct Lanes4(Vector128<float> value) : ILanes<Lanes4>
{
    private Vector128<float> value = value;

    public static int Count => 4;

    public static Lanes4 Broadcast(float value) => new(Vector128.Create(value));

    public static Lanes4 Load(float* source) => new(Vector128.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 LoadF16(ushort* source) =>
        new(HalfFloats.ToSingle(Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(ulong*)source).AsInt16())));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 LoadBF16(ushort* source) =>
        new((Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(ulong*)source).AsUInt16()) << 16).AsSingle());

    public static void Store(Lanes4 value, float* destination) => value.value.Store(destination);

    public static Lanes4 operator +(Lanes4 left, Lanes4 right) => new(left.value + right.value);

    public static Lanes4 operator -(Lanes4 left, Lanes4 right) => new(left.value - right.value);

    public static Lanes4 operator *(Lanes4 left, Lanes4 right) => new(left.value * right.value);

    public static Lanes4 operator /(Lanes4 left, Lanes4 right) => new(left.value / right.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 MultiplyAdd(Lanes4 left, Lanes4 right, Lanes4 addend) =>
        new(Vector128.MultiplyAddEstimate(left.value, right.value, addend.value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddProduct(ref Lanes4 sum, Lanes4 left, Lanes4 right) =>
        sum.value = Vector128.MultiplyAddEstimate(left.value, right.value, sum.value);

    public static Lanes4 Max(Lanes4 left, Lanes4 right) => new(Vector128.Max(left.value, right.value));

    public static Lanes4 MaxOf(Lanes4 left, Lanes4 right) => new(Vector128.MaxNative(left.value, right.value));

    public static Lanes4 Min(Lanes4 left, Lanes4 right) => new(Vector128.Min(left.value, right.value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Exp(Lanes4 value) => new(Vector128.Exp(value.value));

    public static Lanes4 Sqrt(Lanes4 value) => new(Vector128.Sqrt(value.value));

    public static Lanes4 PowerOfTwo(Lanes4 shifted) => new((shifted.value.AsInt32() << 23).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 LoadHalves(ushort* source) => new(Vector128.Create(
        HalfFloats.ToSingle(source[0]), HalfFloats.ToSingle(source[1]), HalfFloats.ToSingle(source[2]), HalfFloats.ToSingle(source[3])));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 LoadBytes(sbyte* source) =>
        new(Vector128.ConvertToSingle(Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(int*)source).AsSByte()))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Lanes4 value)
    {
        Vector128<float> pairs = value.value + Vector128.Shuffle(value.value, Vector128.Create(1, 0, 3, 2));
        return pairs[0] + pairs[2];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreSums(Lanes4 first, Lanes4 second, Lanes4 third, Lanes4 fourth, float* destination) =>
        (destination[0], destination[1], destination[2], destination[3]) = (Sum(first), Sum(second), Sum(third), Sum(fourth));

    public static void Transpose(float* source, long sourceStride, float* destination, long destinationStride)
    {
        for (int j = 0; j < Count; j++)
            for (int i = 0; i < Count; i++) destination[(j * destinationStride) + i] = source[(i * sourceStride) + j];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxAcross(Lanes4 value)
    {
        Vector128<float> pairs = Vector128.MaxNative(value.value, Vector128.Shuffle(value.value, Vector128.Create(2, 3, 0, 1)));
        return Vector128.MaxNative(pairs, Vector128.Shuffle(pairs, Vector128.Create(1, 0, 3, 2))).ToScalar();
    }
}
