using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Caravan.Kernels;

/// <summary>Sixteen floats in a 512-bit register (AVX-512).</summary>
internal unsafe struct Lanes16(Vector512<float> value) : ILanes<Lanes16>
{
    private Vector512<float> value = value;

    public static int Count => 16;

    public static Lanes16 Broadcast(float value) => new(Vector512.Create(value));

    public static Lanes16 Load(float* source) => new(Vector512.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 LoadF16(ushort* source) => new(HalfFloats.ToSingle(Avx512F.ConvertToVector512Int32(Vector256.Load((short*)source))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 LoadBF16(ushort* source) => new((Avx512F.ConvertToVector512Int32(Vector256.Load(source)) << 16).AsSingle());

    public static void Store(Lanes16 value, float* destination) => value.value.Store(destination);

    public static Lanes16 operator +(Lanes16 left, Lanes16 right) => new(left.value + right.value);

    public static Lanes16 operator -(Lanes16 left, Lanes16 right) => new(left.value - right.value);

    public static Lanes16 operator *(Lanes16 left, Lanes16 right) => new(left.value * right.value);

    public static Lanes16 operator /(Lanes16 left, Lanes16 right) => new(left.value / right.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 MultiplyAdd(Lanes16 left, Lanes16 right, Lanes16 addend) =>
        new(Vector512.FusedMultiplyAdd(left.value, right.value, addend.value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddProduct(ref Lanes16 sum, Lanes16 left, Lanes16 right) =>
        sum.value = Vector512.FusedMultiplyAdd(left.value, right.value, sum.value);

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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Lanes16 value) => Lanes8.Sum(new Lanes8(value.value.GetLower())) + Lanes8.Sum(new Lanes8(value.value.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreSums(Lanes16 first, Lanes16 second, Lanes16 third, Lanes16 fourth, float* destination)
    {
        Vector512<float> quarters = PairSums(PairSums(first.value, second.value), PairSums(third.value, fourth.value));
        Vector256<float> lower = quarters.GetLower(), upper = quarters.GetUpper();
        (lower.GetLower() + lower.GetUpper() + (upper.GetLower() + upper.GetUpper())).Store(destination);
    }

    /// <summary>Transposes 4 × 4 inside the quarters of four rows, then quarters among the groups of rows.</summary>
    public static void Transpose(float* source, long sourceStride, float* destination, long destinationStride)
    {
        (Vector512<float> a0, Vector512<float> a1, Vector512<float> a2, Vector512<float> a3) = LoadTransposed(source, sourceStride);
        (Vector512<float> b0, Vector512<float> b1, Vector512<float> b2, Vector512<float> b3) = LoadTransposed(source + (4 * sourceStride), sourceStride);
        (Vector512<float> c0, Vector512<float> c1, Vector512<float> c2, Vector512<float> c3) = LoadTransposed(source + (8 * sourceStride), sourceStride);
        (Vector512<float> d0, Vector512<float> d1, Vector512<float> d2, Vector512<float> d3) = LoadTransposed(source + (12 * sourceStride), sourceStride);
        (a0, b0, c0, d0) = TransposeQuarters(a0, b0, c0, d0);
        (a1, b1, c1, d1) = TransposeQuarters(a1, b1, c1, d1);
        (a2, b2, c2, d2) = TransposeQuarters(a2, b2, c2, d2);
        (a3, b3, c3, d3) = TransposeQuarters(a3, b3, c3, d3);
        StoreFour(a0, a1, a2, a3, destination, destinationStride);
        StoreFour(b0, b1, b2, b3, destination + (4 * destinationStride), destinationStride);
        StoreFour(c0, c1, c2, c3, destination + (8 * destinationStride), destinationStride);
        StoreFour(d0, d1, d2, d3, destination + (12 * destinationStride), destinationStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxAcross(Lanes16 value) =>
        Lanes8.MaxAcross(new Lanes8(Vector256.MaxNative(value.value.GetLower(), value.value.GetUpper())));

    /// <summary>In each quarter two sums of pairs of the first, then two of the second.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> PairSums(Vector512<float> first, Vector512<float> second) =>
        Avx512F.Shuffle(first, second, 0b10_00_10_00) + Avx512F.Shuffle(first, second, 0b11_01_11_01);

    /// <summary>Two quarters of each, chosen by pairs of bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Quarters(Vector512<float> first, Vector512<float> second, [ConstantExpected] byte which) =>
        Avx512F.Shuffle4x128(first, second, which);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector512<float> First, Vector512<float> Second, Vector512<float> Third, Vector512<float> Fourth) LoadTransposed(float* source, long stride)
    {
        Vector512<float> a = Vector512.Load(source), b = Vector512.Load(source + stride);
        Vector512<float> c = Vector512.Load(source + (2 * stride)), d = Vector512.Load(source + (3 * stride));
        Vector512<float> ab0 = Avx512F.UnpackLow(a, b), ab1 = Avx512F.UnpackHigh(a, b), cd0 = Avx512F.UnpackLow(c, d), cd1 = Avx512F.UnpackHigh(c, d);
        return (Avx512F.Shuffle(ab0, cd0, 0b01_00_01_00), Avx512F.Shuffle(ab0, cd0, 0b11_10_11_10),
            Avx512F.Shuffle(ab1, cd1, 0b01_00_01_00), Avx512F.Shuffle(ab1, cd1, 0b11_10_11_10));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector512<float> First, Vector512<float> Second, Vector512<float> Third, Vector512<float> Fourth) TransposeQuarters(
        Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d)
    {
        Vector512<float> ab0 = Quarters(a, b, 0b01_00_01_00), ab1 = Quarters(a, b, 0b11_10_11_10);
        Vector512<float> cd0 = Quarters(c, d, 0b01_00_01_00), cd1 = Quarters(c, d, 0b11_10_11_10);
        return (Quarters(ab0, cd0, 0b10_00_10_00), Quarters(ab0, cd0, 0b11_01_11_01), Quarters(ab1, cd1, 0b10_00_10_00), Quarters(ab1, cd1, 0b11_01_11_01));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreFour(Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d, float* destination, long stride)
    {
        a.Store(destination);
        b.Store(destination + stride);
        c.Store(destination + (2 * stride));
        d.Store(destination + (3 * stride));
    }
}
