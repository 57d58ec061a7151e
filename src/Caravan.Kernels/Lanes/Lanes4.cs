using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

/// <summary>Four floats in a 128-bit register (SSE, AdvSimd).</summary>
internal readonly unsafe struct Lanes4(Vector128<float> value) : ILanes<Lanes4>
{
    private readonly Vector128<float> value = value;

    public static int Count => 4;

    public static Lanes4 Broadcast(float value) => new(Vector128.Create(value));

    public static Lanes4 Load(float* source) => new(Vector128.Load(source));

    public static void Store(Lanes4 value, float* destination) => value.value.Store(destination);

    public static Lanes4 operator +(Lanes4 left, Lanes4 right) => new(left.value + right.value);

    public static Lanes4 operator -(Lanes4 left, Lanes4 right) => new(left.value - right.value);

    public static Lanes4 operator *(Lanes4 left, Lanes4 right) => new(left.value * right.value);

    public static Lanes4 operator /(Lanes4 left, Lanes4 right) => new(left.value / right.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 MultiplyAdd(Lanes4 left, Lanes4 right, Lanes4 addend) =>
        new(Vector128.MultiplyAddEstimate(left.value, right.value, addend.value));

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

    public static float Sum(Lanes4 value) => Vector128.Sum(value.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxAcross(Lanes4 value)
    {
        Vector128<float> pairs = Vector128.MaxNative(value.value, Vector128.Shuffle(value.value, Vector128.Create(2, 3, 0, 1)));
        return Vector128.MaxNative(pairs, Vector128.Shuffle(pairs, Vector128.Create(1, 0, 3, 2))).ToScalar();
    }
}
