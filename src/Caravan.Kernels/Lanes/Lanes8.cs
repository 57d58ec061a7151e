using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Caravan.Kernels;

/// <summary>Eight floats in a 256-bit register (AVX2).</summary>
internal unsafe struct Lanes8(Vector256<float> value) : ILanes<Lanes8>
{
    private Vector256<float> value = value;

    public static int Count => 8;

    public static Lanes8 Broadcast(float value) => new(Vector256.Create(value));

    public static Lanes8 Load(float* source) => new(Vector256.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 LoadF16(ushort* source) => new(HalfFloats.ToSingle(Avx2.ConvertToVector256Int32((short*)source)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 LoadBF16(ushort* source) => new((Avx2.ConvertToVector256Int32(source) << 16).AsSingle());

    public static void Store(Lanes8 value, float* destination) => value.value.Store(destination);

    public static Lanes8 operator +(Lanes8 left, Lanes8 right) => new(left.value + right.value);

    public static Lanes8 operator -(Lanes8 left, Lanes8 right) => new(left.value - right.value);

    public static Lanes8 operator *(Lanes8 left, Lanes8 right) => new(left.value * right.value);

    public static Lanes8 operator /(Lanes8 left, Lanes8 right) => new(left.value / right.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 MultiplyAdd(Lanes8 left, Lanes8 right, Lanes8 addend) =>
        new(Vector256.FusedMultiplyAdd(left.value, right.value, addend.value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddProduct(ref Lanes8 sum, Lanes8 left, Lanes8 right) =>
        sum.value = Vector256.FusedMultiplyAdd(left.value, right.value, sum.value);

    public static Lanes8 Max(Lanes8 left, Lanes8 right) => new(Vector256.Max(left.value, right.value));

    public static Lanes8 MaxOf(Lanes8 left, Lanes8 right) => new(Vector256.MaxNative(left.value, right.value));

    public static Lanes8 Min(Lanes8 left, Lanes8 right) => new(Vector256.Min(left.value, right.value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Exp(Lanes8 value) => new(Vector256.Exp(value.value));

    public static Lanes8 Sqrt(Lanes8 value) => new(Vector256.Sqrt(value.value));

    public static Lanes8 PowerOfTwo(Lanes8 shifted) => new((shifted.value.AsInt32() << 23).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 LoadHalves(ushort* source) =>
        new(HalfFloats.ToSingle(Vector256.WidenLower(Vector128.Load((short*)source).ToVector256Unsafe())));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 LoadBytes(sbyte* source)
    {
        Vector128<short> wide = Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(long*)source).AsSByte());
        return new(Vector256.ConvertToSingle(Vector256.WidenLower(wide.ToVector256Unsafe())));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Lanes8 value) => Lanes4.Sum(new Lanes4(value.value.GetLower())) + Lanes4.Sum(new Lanes4(value.value.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreSums(Lanes8 first, Lanes8 second, Lanes8 third, Lanes8 fourth, float* destination)
    {
        Vector256<float> sums = Avx.HorizontalAdd(Avx.HorizontalAdd(first.value, second.value), Avx.HorizontalAdd(third.value, fourth.value));
        (sums.GetLower() + sums.GetUpper()).Store(destination);
    }

    public static void Transpose(float* source, long sourceStride, float* destination, long destinationStride)
    {
        Vector256<float> a = Vector256.Load(source), b = Vector256.Load(source + sourceStride);
        Vector256<float> c = Vector256.Load(source + (2 * sourceStride)), d = Vector256.Load(source + (3 * sourceStride));
        source += 4 * sourceStride;
        Vector256<float> e = Vector256.Load(source), f = Vector256.Load(source + sourceStride);
        Vector256<float> g = Vector256.Load(source + (2 * sourceStride)), h = Vector256.Load(source + (3 * sourceStride));
        (a, b, c, d) = Transpose4x4(a, b, c, d);
        (e, f, g, h) = Transpose4x4(e, f, g, h);
        Avx.Permute2x128(a, e, 0x20).Store(destination);
        Avx.Permute2x128(b, f, 0x20).Store(destination + destinationStride);
        Avx.Permute2x128(c, g, 0x20).Store(destination + (2 * destinationStride));
        Avx.Permute2x128(d, h, 0x20).Store(destination + (3 * destinationStride));
        destination += 4 * destinationStride;
        Avx.Permute2x128(a, e, 0x31).Store(destination);
        Avx.Permute2x128(b, f, 0x31).Store(destination + destinationStride);
        Avx.Permute2x128(c, g, 0x31).Store(destination + (2 * destinationStride));
        Avx.Permute2x128(d, h, 0x31).Store(destination + (3 * destinationStride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxAcross(Lanes8 value) =>
        Lanes4.MaxAcross(new Lanes4(Vector128.MaxNative(value.value.GetLower(), value.value.GetUpper())));

    /// <summary>Transposes both 4 × 4 halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<float> A, Vector256<float> B, Vector256<float> C, Vector256<float> D) Transpose4x4(
        Vector256<float> a, Vector256<float> b, Vector256<float> c, Vector256<float> d)
    {
        Vector256<float> ab0 = Avx.UnpackLow(a, b), ab1 = Avx.UnpackHigh(a, b), cd0 = Avx.UnpackLow(c, d), cd1 = Avx.UnpackHigh(c, d);
        return (Avx.Shuffle(ab0, cd0, 0b01_00_01_00), Avx.Shuffle(ab0, cd0, 0b11_10_11_10),
            Avx.Shuffle(ab1, cd1, 0b01_00_01_00), Avx.Shuffle(ab1, cd1, 0b11_10_11_10));
    }
}
