using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

/// <summary>Eight floats in a 256-bit register (AVX2).</summary>
internal readonly unsafe struct Lanes8(Vector256<float> value) : ILanes<Lanes8>
{
    private readonly Vector256<float> value = value;

    public static int Count => 8;

    public static Lanes8 Broadcast(float value) => new(Vector256.Create(value));

    public static Lanes8 Load(float* source) => new(Vector256.Load(source));

    public static void Store(Lanes8 value, float* destination) => value.value.Store(destination);

    public static Lanes8 operator +(Lanes8 left, Lanes8 right) => new(left.value + right.value);

    public static Lanes8 operator -(Lanes8 left, Lanes8 right) => new(left.value - right.value);

    public static Lanes8 operator *(Lanes8 left, Lanes8 right) => new(left.value * right.value);

    public static Lanes8 operator /(Lanes8 left, Lanes8 right) => new(left.value / right.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 MultiplyAdd(Lanes8 left, Lanes8 right, Lanes8 addend) =>
        new(Vector256.FusedMultiplyAdd(left.value, right.value, addend.value));

    public static Lanes8 Max(Lanes8 left, Lanes8 right) => new(Vector256.Max(left.value, right.value));

    public static Lanes8 MaxOf(Lanes8 left, Lanes8 right) => new(Vector256.MaxNative(left.value, right.value));

    public static Lanes8 Min(Lanes8 left, Lanes8 right) => new(Vector256.Min(left.value, right.value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Exp(Lanes8 value) => new(Vector256.Exp(value.value));

    public static Lanes8 Sqrt(Lanes8 value) => new(Vector256.Sqrt(value.value));

    public static Lanes8 PowerOfTwo(Lanes8 shifted) => new((shifted.value.AsInt32() << 23).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 LoadHalves(ushort* source) =>
        new(HalfFloats.ToSingle(Vector256.WidenLower(Vector128.Load(source).ToVector256Unsafe())));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 LoadBytes(sbyte* source)
    {
        Vector128<short> wide = Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(long*)source).AsSByte());
        return new(Vector256.ConvertToSingle(Vector256.WidenLower(wide.ToVector256Unsafe())));
    }

    public static float Sum(Lanes8 value) => Vector256.Sum(value.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxAcross(Lanes8 value) =>
        Lanes4.MaxAcross(new Lanes4(Vector128.MaxNative(value.value.GetLower(), value.value.GetUpper())));
}
