using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

/// <summary>Sixteen floats in a 512-bit register (AVX-512).</summary>
internal readonly unsafe struct Lanes16(Vector512<float> value) : ILanes<Lanes16>
{
    private readonly Vector512<float> value = value;

    public static int Count => 16;

    public static Lanes16 Broadcast(float value) => new(Vector512.Create(value));

    public static Lanes16 Load(float* source) => new(Vector512.Load(source));

    public static void Store(Lanes16 value, float* destination) => value.value.Store(destination);

    public static Lanes16 operator +(Lanes16 left, Lanes16 right) => new(left.value + right.value);

    public static Lanes16 operator -(Lanes16 left, Lanes16 right) => new(left.value - right.value);

    public static Lanes16 operator *(Lanes16 left, Lanes16 right) => new(left.value * right.value);

    public static Lanes16 operator /(Lanes16 left, Lanes16 right) => new(left.value / right.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 MultiplyAdd(Lanes16 left, Lanes16 right, Lanes16 addend) =>
        new(Vector512.FusedMultiplyAdd(left.value, right.value, addend.value));

    public static Lanes16 Max(Lanes16 left, Lanes16 right) => new(Vector512.Max(left.value, right.value));

    public static Lanes16 MaxOf(Lanes16 left, Lanes16 right) => new(Vector512.MaxNative(left.value, right.value));

    public static Lanes16 Min(Lanes16 left, Lanes16 right) => new(Vector512.Min(left.value, right.value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Exp(Lanes16 value) => new(Vector512.Exp(value.value));

    public static Lanes16 Sqrt(Lanes16 value) => new(Vector512.Sqrt(value.value));

    public static Lanes16 PowerOfTwo(Lanes16 shifted) => new((shifted.value.AsInt32() << 23).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 LoadHalves(ushort* source) =>
        new(HalfFloats.ToSingle(Vector512.WidenLower(Vector256.Load((short*)source).ToVector512Unsafe())));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 LoadBytes(sbyte* source)
    {
        Vector256<short> wide = Vector256.WidenLower(Vector128.Load(source).ToVector256Unsafe());
        return new(Vector512.ConvertToSingle(Vector512.WidenLower(wide.ToVector512Unsafe())));
    }

    public static float Sum(Lanes16 value) => Vector512.Sum(value.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxAcross(Lanes16 value) =>
        Lanes8.MaxAcross(new Lanes8(Vector256.MaxNative(value.value.GetLower(), value.value.GetUpper())));
}
