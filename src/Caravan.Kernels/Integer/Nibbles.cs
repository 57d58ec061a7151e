using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Caravan.Kernels;

/// <summary>
/// Blocks of 4-bit codes, value = scale · code + minimum, to 8-bit codes: the 16 values that codes stand for in a block are rounded, and codes look theirs up.
/// Up to 256 blocks at a time, since 16 halves become floats as fast as one.
/// </summary>
/// <param name="scratch">Of <see cref="ScratchFloats"/> floats.</param>
internal readonly unsafe struct Nibbles<TBlock>(float* scratch)
    where TBlock : struct, INibbles512
{
    private const int Blocks = 256;

    private readonly float* scales = scratch, minima = scratch + Blocks;
    private readonly short* scaleHalves = (short*)(scratch + (2 * Blocks)), minimumHalves = (short*)(scratch + (2 * Blocks)) + Blocks;

    /// <summary>Floats of scratch.</summary>
    public static long ScratchFloats => 3 * Blocks;

    /// <summary>Takes block i.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Take(int i, byte* block)
    {
        scaleHalves[i] = *(short*)block;
        if (TBlock.HasMinimum) minimumHalves[i] = *((short*)block + 1);
    }

    /// <summary>Block i and those after it stand for zeros.</summary>
    public void End(int i)
    {
        new Span<short>(scaleHalves + i, Blocks - i).Clear();
        new Span<short>(minimumHalves + i, Blocks - i).Clear();
    }

    /// <summary>The largest magnitudes that codes of 16 blocks may stand for, as integers, in which NaN is the largest.</summary>
    public Vector512<int> Largest(int i)
    {
        Vector512<float> scale = Unpacking512.SixteenHalves((byte*)(scaleHalves + i)), minimum = TBlock.HasMinimum ? Unpacking512.SixteenHalves((byte*)(minimumHalves + i)) : scale * -8f;
        scale.Store(scales + i);
        minimum.Store(minima + i);
        Vector512<int> magnitude = Vector512.Create(int.MaxValue), last = Vector512.FusedMultiplyAdd(scale, Vector512.Create(15f), minimum).AsInt32() & magnitude;
        return Vector512.Max(minimum.AsInt32() & magnitude, last);
    }

    /// <summary>Steps of 16 blocks become units, and the middle of 8-bit codes their zero.</summary>
    /// <param name="i">The first.</param>
    /// <param name="inverse">Units in 1, for each block.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Divide(int i, Vector512<float> inverse)
    {
        (Vector512.Load(scales + i) * inverse).Store(scales + i);
        Vector512.FusedMultiplyAdd(Vector512.Load(minima + i), inverse, Vector512.Create(128f)).Store(minima + i);
    }

    /// <summary>The 8-bit codes of block i, elements 0 to 15 in the lower half.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<byte> Codes(int i, byte* block)
    {
        Vector512<float> codes = Vector512.Create(0f, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
        Vector512<int> rounded = Avx512F.ConvertToVector512Int32(Vector512.FusedMultiplyAdd(codes, Vector512.Create(scales[i]), Vector512.Create(minima[i])));
        Vector128<byte> values = Avx512F.ConvertToVector128Byte(rounded.AsUInt32()), packed = Vector128.Load(block + TBlock.CodesAt);
        Vector256<byte> nibbles = Vector256.Create(packed, (packed.AsUInt16() >> 4).AsByte()) & Vector256.Create((byte)15);
        return Avx2.Shuffle(Vector256.Create(values, values), nibbles);
    }
}
