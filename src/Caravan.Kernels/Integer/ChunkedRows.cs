using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Caravan.Kernels;

/// <summary>
/// Rows of gradients, or of activations where gradients will go back, as 8-bit integers: x ≈ scale · code, one scale for 256 columns, so
/// that sums of products stay integers for as long.
/// <code>
/// a row of C columns, C rounded up to 256 with zeros; every array starts at a multiple of 64 bytes
/// codes   C signed bytes, -127..127, in order
/// scales  C/256 floats
/// sums    C/256 floats: scale · Σ codes
/// </code>
/// </summary>
internal readonly unsafe struct ChunkedRows(byte* memory, long rows, long columns)
{
    /// <summary>Columns that share a scale.</summary>
    internal const int Chunk = 256;

    /// <summary>Chunks whose largest magnitude is below this count as zero, lest 127 / magnitude overflow.</summary>
    internal const float Smallest = 1e-36f;

    private readonly byte* memory = memory;
    private readonly long stride = StrideOf(columns), padded = ChunksOf(columns) * Chunk;

    /// <summary>Number of rows.</summary>
    public long Rows { get; } = rows;

    /// <summary>Columns before padding.</summary>
    public long Columns { get; } = columns;

    /// <summary>Chunks of a row, the last one padded.</summary>
    public long Chunks { get; } = ChunksOf(columns);

    /// <summary>Bytes that rows need.</summary>
    public static long Bytes(long rows, long columns) => checked(rows * StrideOf(columns));

    // A call anywhere in a tile would send its sums to memory.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public sbyte* Codes(long row) => (sbyte*)(memory + (row * stride));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float* Scales(long row) => (float*)(memory + (row * stride) + padded);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float* Sums(long row) => (float*)(memory + (row * stride) + padded + (padded / Chunk * sizeof(float)));

    /// <summary>Fills a row. NaN and infinity make the scale of their chunk, and so every result, NaN or infinite.</summary>
    public void Quantize(float* x, long row)
    {
        float* padded = stackalloc float[Chunk];
        for (long chunk = 0; chunk < Chunks; chunk++, x += Chunk)
        {
            long count = Math.Min(Chunk, Columns - (chunk * Chunk));
            if (count == Chunk)
            {
                Quantize(x, row, chunk);
                continue;
            }

            new Span<float>(padded, Chunk).Clear();
            new ReadOnlySpan<float>(x, (int)count).CopyTo(new Span<float>(padded, Chunk));
            Quantize(padded, row, chunk);
        }
    }

    private void Quantize(float* x, long row, long chunk)
    {
        // Magnitudes are compared as integers, in which NaN is the largest.
        Vector512<int> magnitude = Vector512.Create(int.MaxValue), most = default, sums = default;
        for (int i = 0; i < Chunk; i += 16) most = Vector512.Max(most, Vector512.Load((int*)x + i) & magnitude);
        float largest = MaxAcross(most), inverse = largest < Smallest ? 0 : 127 / largest;
        sbyte* codes = Codes(row) + (chunk * Chunk);
        for (int i = 0; i < Chunk; i += 16)
        {
            Vector512<int> rounded = Vector512.ConvertToInt32Native(Vector512.Round(Vector512.Load(x + i) * inverse));
            sums += rounded;
            Avx512F.ConvertToVector128SByte(rounded).Store(codes + i);
        }

        float scale = largest < Smallest ? 0 : largest / 127;
        Scales(row)[chunk] = scale;
        Sums(row)[chunk] = scale * Vector512.Sum(sums);
    }

    /// <summary>The largest of 16 magnitudes, compared as integers, in which NaN is the largest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float MaxAcross(Vector512<int> magnitudes) => MaxAcross(Vector256.Max(magnitudes.GetLower(), magnitudes.GetUpper()));

    /// <summary>The largest of 8.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float MaxAcross(Vector256<int> magnitudes)
    {
        Vector128<int> four = Vector128.Max(magnitudes.GetLower(), magnitudes.GetUpper());
        four = Vector128.Max(four, Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1)));
        return BitConverter.Int32BitsToSingle(Math.Max(four.GetElement(0), four.GetElement(1)));
    }

    private static long ChunksOf(long columns) => (columns + Chunk - 1) / Chunk;

    private static long StrideOf(long columns) => (ChunksOf(columns) * (Chunk + (2 * sizeof(float))) + 63) / 64 * 64;
}
