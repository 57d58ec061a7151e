using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Caravan.Kernels;

/// <summary>
/// y = or += x · weights for quantized weights, in integers, back (sums over outputs) or forward (over columns). Scales of blocks change along the sums; so
/// weights of 256 terms are rounded anew, to 8 bits with one scale for each lane, and meet rows that have one scale for the same 256 terms: AVX-VNNI sums
/// the products of codes in 32 bits (256 · 255 · 127 fits), and floats come in once for 256 of them.
/// </summary>
/// <remarks>
/// With s the scales (largest magnitude / 127) of lane and row in a chunk the error of a chunk's sum is at most Σ (|x| · s of the lane + |weight| · s of the
/// row) / 2 + 256 / 4 · both. So what is less than 1/254 of the largest x of a chunk does not count beside it, such as small probabilities beside a label's 1.
/// </remarks>
internal static unsafe class ChunkedProducts<TFill>
    where TFill : struct, IChunkFill
{
    private const int Chunk = ChunkedRows.Chunk;

    /// <summary>Rows of a tile: 12 registers of sums hide what a product takes, and VEX instructions reach 16.</summary>
    private const int TileRows = 6;

    /// <summary>Lanes of a tile.</summary>
    private const int TileLanes = 16;

    /// <summary>The kernel.</summary>
    public static ChunkedKernel Kernel { get; } = new(TFill.Width, TFill.ScratchFloats + (Chunk * TFill.Width / sizeof(float)) + TFill.Width, &Multiply);

    private static void Multiply(in ChunkedPart part, in ChunkedRows x, long start, long end, float* scratch)
    {
        float* scales = scratch, rest = scales + TFill.Width + (Chunk * TFill.Width / sizeof(float));
        byte* codes = (byte*)(scales + TFill.Width);
        for (long panel = start; panel < end; panel++)
        {
            long lane = panel * TFill.Width;
            int lanes = (int)Math.Min(TFill.Width, part.Lanes - lane);
            for (long chunk = 0; chunk < x.Chunks; chunk++)
            {
                TFill.Fill(part.Weights, part.RowBytes, lane, lanes, chunk * Chunk, (int)Math.Min(Chunk, x.Columns - (chunk * Chunk)), rest, scales, codes);
                bool assign = part.Assign && chunk == 0;
                for (int i = 0; i < lanes; i += TileLanes)
                    for (long row = 0; row < x.Rows; row += TileRows)
                        Tile(x, row, chunk, codes + (4 * i), scales + i, part.Y + (row * part.Lanes) + lane + i, part.Lanes, assign);
            }
        }
    }

    private static void Tile(in ChunkedRows x, long row, long chunk, byte* codes, float* scales, float* y, long stride, bool assign)
    {
        long last = x.Rows - 1, from = chunk * (Chunk / 4);
        int* r0 = Row(x, row, from), r1 = Row(x, Math.Min(row + 1, last), from), r2 = Row(x, Math.Min(row + 2, last), from);
        int* r3 = Row(x, Math.Min(row + 3, last), from), r4 = Row(x, Math.Min(row + 4, last), from), r5 = Row(x, Math.Min(row + 5, last), from);
        Products s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default;
        for (long four = 0; four < Chunk / 4; four += 2, codes += 8 * TFill.Width)
        {
            Vector256<byte> low = Vector256.Load(codes), high = Vector256.Load(codes + 32);
            s0.Add(low, high, r0[four]);
            s1.Add(low, high, r1[four]);
            s2.Add(low, high, r2[four]);
            s3.Add(low, high, r3[four]);
            s4.Add(low, high, r4[four]);
            s5.Add(low, high, r5[four]);
            low = Vector256.Load(codes + (4 * TFill.Width));
            high = Vector256.Load(codes + (4 * TFill.Width) + 32);
            s0.Add(low, high, r0[four + 1]);
            s1.Add(low, high, r1[four + 1]);
            s2.Add(low, high, r2[four + 1]);
            s3.Add(low, high, r3[four + 1]);
            s4.Add(low, high, r4[four + 1]);
            s5.Add(low, high, r5[four + 1]);
        }

        s0.AddTo(y, scales, x, row, chunk, assign);
        if (row + 1 <= last) s1.AddTo(y + stride, scales, x, row + 1, chunk, assign);
        if (row + 2 <= last) s2.AddTo(y + (2 * stride), scales, x, row + 2, chunk, assign);
        if (row + 3 <= last) s3.AddTo(y + (3 * stride), scales, x, row + 3, chunk, assign);
        if (row + 4 <= last) s4.AddTo(y + (4 * stride), scales, x, row + 4, chunk, assign);
        if (row + 5 <= last) s5.AddTo(y + (5 * stride), scales, x, row + 5, chunk, assign);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int* Row(in ChunkedRows x, long row, long from) => (int*)x.Codes(row) + from;

    /// <summary>Sums of products for 16 lanes.</summary>
    private struct Products
    {
        private Vector256<int> low, high;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(Vector256<byte> lowCodes, Vector256<byte> highCodes, int fourCodes)
        {
            Vector256<sbyte> four = Vector256.Create(fourCodes).AsSByte();
            low = AvxVnni.MultiplyWideningAndAdd(low, lowCodes, four);
            high = AvxVnni.MultiplyWideningAndAdd(high, highCodes, four);
        }

        /// <summary>
        /// y += scale of the lanes · (scale of the row · sums − 128 · sum of the row). In 256 bits: wider instructions would take a port from the next
        /// tile's products.
        /// </summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void AddTo(float* y, float* scales, in ChunkedRows x, long row, long chunk, bool assign)
        {
            Vector256<float> scale = Vector256.Create(x.Scales(row)[chunk]), middle = Vector256.Create(-128 * x.Sums(row)[chunk]);
            Add(low, y, scales, scale, middle, assign);
            Add(high, y + 8, scales + 8, scale, middle, assign);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Add(Vector256<int> sums, float* y, float* scales, Vector256<float> scale, Vector256<float> middle, bool assign)
        {
            Vector256<float> products = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(sums), scale, middle);
            Vector256.FusedMultiplyAdd(Vector256.Load(scales), products, assign ? default : Vector256.Load(y)).Store(y);
        }
    }
}
