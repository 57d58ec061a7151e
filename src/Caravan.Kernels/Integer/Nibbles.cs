using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Caravan.Kernels;

/// <summary>
/// Blocks of 4-bit codes, value = scale · code + minimum, to 8-bit codes: the 16 values that codes stand for in a block are rounded, and codes look theirs up.
/// Blocks come in eights, up to 256 at a time. Values are counted in 1/256 of a step, in 16 bits, from code 8 on: what a code stands for is off by at most
/// (8 + 1) / 512 of a step before it is rounded.
/// </summary>
/// <param name="scratch">Of <see cref="ScratchFloats"/> floats.</param>
internal readonly unsafe struct Nibbles<TBlock>(float* scratch)
    where TBlock : struct, INibbles512
{
    private const int Blocks = 256;

    // Floats before Divide, afterwards integers of 16 bits, each twice.
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
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<int> Largest(int i)
    {
        Vector512<int> magnitude = Vector512.Create(int.MaxValue);
        Vector512<float> scale = Unpacking512.SixteenHalves((byte*)(scaleHalves + i));
        scale.Store(scales + i);
        if (!TBlock.HasMinimum) return (scale * 8f).AsInt32() & magnitude;

        Vector512<float> minimum = Unpacking512.SixteenHalves((byte*)(minimumHalves + i));
        minimum.Store(minima + i);
        return Vector512.Max(minimum.AsInt32() & magnitude, Vector512.FusedMultiplyAdd(scale, Vector512.Create(15f), minimum).AsInt32() & magnitude);
    }

    /// <summary>Steps of 16 blocks become units, and the middle of 8-bit codes their zero.</summary>
    /// <param name="i">The first.</param>
    /// <param name="inverse">Units in 1, for each block.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Divide(int i, Vector512<float> inverse)
    {
        Vector512<float> scale = Vector512.Load(scales + i) * 256f;
        Twice(scale * inverse).Store((int*)scales + i);
        // The middle, and a half to round.
        if (!TBlock.HasMinimum) return;
        Vector512<float> middle = Vector512.FusedMultiplyAdd(Vector512.Load(minima + i), Vector512.Create(256f), scale * 8f);
        Twice(Vector512.FusedMultiplyAdd(middle, inverse, Vector512.Create(128.5f * 256))).Store((int*)minima + i);
    }

    /// <summary>Two of eight blocks, k and k + 4, to 8-bit codes: elements 0 to 15 of both, and 16 to 31.</summary>
    /// <param name="i">The first of the eight.</param>
    /// <param name="k">0 to 3, four times: 0, 0x55, 0xAA or 0xFF.</param>
    /// <param name="block">Block k.</param>
    /// <param name="fourth">Block k + 4.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public (Vector256<byte> First, Vector256<byte> Last) Codes(int i, [ConstantExpected] byte k, byte* block, byte* fourth)
    {
        Vector256<short> scale = Avx2.Shuffle(Vector256.Load((int*)scales + i), k).AsInt16();
        Vector256<short> middle = TBlock.HasMinimum ? Avx2.Shuffle(Vector256.Load((int*)minima + i), k).AsInt16() : Vector256.Create(unchecked((short)((128 * 256) + 128)));
        Vector256<short> below = (scale * Vector256.Create((short)-8, -7, -6, -5, -4, -3, -2, -1, -8, -7, -6, -5, -4, -3, -2, -1)) + middle;
        Vector256<short> above = (scale * Vector256.Create((short)0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7)) + middle;
        Vector256<byte> values = Avx2.PackUnsignedSaturate(below >>> 8, above >>> 8);
        Vector256<byte> packed = Vector256.Create(Vector128.Load(block + TBlock.CodesAt), Vector128.Load(fourth + TBlock.CodesAt)), lowBits = Vector256.Create((byte)15);
        return (Avx2.Shuffle(values, packed & lowBits), Avx2.Shuffle(values, (packed.AsUInt16() >> 4).AsByte() & lowBits));
    }

    private static Vector512<int> Twice(Vector512<float> values)
    {
        Vector512<int> rounded = Avx512F.ConvertToVector512Int32(values);
        return (rounded << 16) | (rounded & Vector512.Create(0xFFFF));
    }
}
