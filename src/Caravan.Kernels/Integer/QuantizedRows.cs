using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

/// <summary>
/// Rows of activations as 8-bit integers: x ≈ scale · code, one scale for 32 columns, for every type of weights. A scale for 256 columns, as
/// llama.cpp has for its K types, would let group scales stay integers and save 2 of 20 instructions per 512 products in the tiles of
/// PanelDots512, but its steps are 1.4 times as coarse for normal values, more where one column sticks out; and rows in
/// one layout can be shared by weights of different types.
/// <code>
/// a row of C columns, C rounded up to 256 with zeros; every array starts at a multiple of 64 bytes
/// codes        C signed bytes, -127..127, in order
/// scales       C/16 floats: each scale twice, so that 16 of them cover 256 columns
/// sums         C/16 floats: scale · Σ codes of 16 columns, for weights with a minimum or a middle
/// wide sums    C/32 floats: the same of 32 columns
/// </code>
/// </summary>
internal readonly unsafe struct QuantizedRows(byte* memory, long rows, long columns)
{
    /// <summary>Columns that kernels take in one step.</summary>
    internal const int StepColumns = 256;

    /// <summary>Columns that share a scale.</summary>
    private const int Block = 32;

    /// <summary>Blocks whose largest magnitude is below this count as zero, lest 127 / magnitude overflow.</summary>
    private const float Smallest = 1e-36f;

    private readonly byte* memory = memory;

    /// <summary>Number of rows.</summary>
    public long Rows { get; } = rows;

    /// <summary>Columns before padding.</summary>
    public long Columns { get; } = columns;

    /// <summary>Steps of 256 columns, the last one padded.</summary>
    public long Steps { get; } = StepsOf(columns);

    private long Padded { get; } = StepsOf(columns) * StepColumns;

    private long Stride { get; } = StrideOf(columns);

    /// <summary>Bytes that rows need.</summary>
    public static long Bytes(long rows, long columns) => checked(rows * StrideOf(columns));

    public sbyte* Codes(long row) => (sbyte*)(memory + (row * Stride));

    public float* Scales(long row) => (float*)(memory + (row * Stride) + Padded);

    public float* Sums(long row) => (float*)(memory + (row * Stride) + (Padded / 4 * 5));

    public float* WideSums(long row) => (float*)(memory + (row * Stride) + (Padded / 2 * 3));

    /// <summary>Fills a row. NaN and infinity make the scale of their block, and so every result, NaN or infinite.</summary>
    public void Quantize(float* x, long row)
    {
        sbyte* codes = Codes(row);
        float* scales = Scales(row), sums = Sums(row), wideSums = WideSums(row);
        long blocks = Columns / Block;
        for (long block = 0; block < blocks; block++, x += Block, codes += Block)
        {
            float largest = LargestMagnitude(x);
            float scale = largest < Smallest ? 0 : largest / 127;
            float inverse = largest < Smallest ? 0 : 127 / largest;
            float first = scale * Sixteen(x, inverse, codes), second = scale * Sixteen(x + 16, inverse, codes + 16);
            scales[2 * block] = scales[(2 * block) + 1] = scale;
            sums[2 * block] = first;
            sums[(2 * block) + 1] = second;
            wideSums[block] = first + second;
        }

        long missing = (Padded / Block) - blocks;
        Unsafe.InitBlockUnaligned(codes, 0, (uint)(missing * Block));
        Unsafe.InitBlockUnaligned(scales + (2 * blocks), 0, (uint)(missing * 2 * sizeof(float)));
        Unsafe.InitBlockUnaligned(sums + (2 * blocks), 0, (uint)(missing * 2 * sizeof(float)));
        Unsafe.InitBlockUnaligned(wideSums + blocks, 0, (uint)(missing * sizeof(float)));
    }

    private static long StepsOf(long columns) => (columns + StepColumns - 1) / StepColumns;

    /// <summary>13 bytes for 8 columns, up to whole cache lines.</summary>
    private static long StrideOf(long columns) => ((StepsOf(columns) * StepColumns / 8 * 13) + 63) / 64 * 64;

    /// <summary>Magnitudes are compared as integers, in which NaN is the largest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float LargestMagnitude(float* x)
    {
        Vector256<int> magnitude = Vector256.Create(int.MaxValue);
        Vector256<int> first = Vector256.Max(Vector256.Load((int*)x) & magnitude, Vector256.Load((int*)x + 8) & magnitude);
        Vector256<int> second = Vector256.Max(Vector256.Load((int*)x + 16) & magnitude, Vector256.Load((int*)x + 24) & magnitude);
        Vector256<int> both = Vector256.Max(first, second);
        Vector128<int> four = Vector128.Max(both.GetLower(), both.GetUpper());
        Vector128<int> two = Vector128.Max(four, Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1)));
        Vector128<int> one = Vector128.Max(two, Vector128.Shuffle(two, Vector128.Create(1, 0, 3, 2)));
        return BitConverter.Int32BitsToSingle(one.ToScalar());
    }

    /// <summary>Rounds 16 values to the nearest code, ties to even, and returns the sum of the codes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Sixteen(float* x, float inverse, sbyte* codes)
    {
        Vector256<int> first = Vector256.ConvertToInt32Native(Vector256.Round(Vector256.Load(x) * inverse));
        Vector256<int> second = Vector256.ConvertToInt32Native(Vector256.Round(Vector256.Load(x + 8) * inverse));
        Vector256<short> both = Vector256.Narrow(first, second);
        Vector128.Narrow(both.GetLower(), both.GetUpper()).Store(codes);
        return Vector256.Sum(first + second);
    }
}
