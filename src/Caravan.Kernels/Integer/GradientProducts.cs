using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Caravan.Kernels;

/// <summary>
/// gradientX += gradientY · weights for quantized weights, in integers. Sums go over outputs, whose scales differ from block to block; so weights of
/// 256 outputs are rounded anew, to 8 bits with one scale for each of their columns, and meet gradients that have one scale for the same 256
/// outputs: AVX-VNNI sums the products of codes in 32 bits (256 · 255 · 127 fits), and floats come in once for 256 of them.
/// </summary>
/// <remarks>
/// With s the scales (largest magnitude / 127) of column and row in a chunk the error of a chunk's sum is at most
/// Σ (|gradientY| · s of the column + |weight| · s of the row) / 2 + 256 / 4 · both. So
/// what is less than 1/254 of the largest gradient of a chunk does not count beside it, such as small probabilities beside a label's 1.
/// </remarks>
internal static unsafe class GradientProducts<TBlock, TFill>
    where TBlock : struct, IBlockFormat
    where TFill : struct, IGradientFill
{
    private const int Chunk = ChunkedRows.Chunk;

    /// <summary>Rows of gradients in a tile: 12 registers of sums hide what a product takes, and VEX instructions reach 16.</summary>
    private const int TileRows = 6;

    /// <summary>Outputs of a tile.</summary>
    private const int TileColumns = 16;

    /// <summary>Columns of weights that are rounded together: whole blocks and whole cache lines.</summary>
    private static int Width
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Math.Max(64, TBlock.BlockElements);
    }

    /// <summary>The kernel.</summary>
    public static GradientKernel Kernel { get; } = new(Width, TFill.ScratchFloats(Width) + (Chunk * Width / sizeof(float)) + Width, &Multiply);

    private static void Multiply(in GradientPart part, in ChunkedRows gradients, long start, long end, float* scratch)
    {
        float* scales = scratch, rest = scales + Width + (Chunk * Width / sizeof(float));
        byte* codes = (byte*)(scales + Width);
        for (long panel = start; panel < end; panel++)
        {
            long column = panel * Width;
            int columns = (int)Math.Min(Width, part.Columns - column);
            for (long chunk = 0; chunk < gradients.Chunks; chunk++)
            {
                int outputs = (int)Math.Min(Chunk, gradients.Columns - (chunk * Chunk));
                byte* blocks = part.Weights + (chunk * Chunk * part.RowBytes) + (column / TBlock.BlockElements * TBlock.BlockBytes);
                TFill.Fill(blocks, part.RowBytes, outputs, columns, Width, rest, scales, codes);
                bool assign = part.Assign && chunk == 0;
                for (int i = 0; i < columns; i += TileColumns)
                    for (long row = 0; row < gradients.Rows; row += TileRows)
                        Tile(gradients, row, chunk, codes + (4 * i), scales + i, part.GradientX + (row * part.Columns) + column + i, part.Columns, assign);
            }
        }
    }

    private static void Tile(in ChunkedRows gradients, long row, long chunk, byte* codes, float* scales, float* y, long stride, bool assign)
    {
        long last = gradients.Rows - 1, from = chunk * (Chunk / 4);
        int* r0 = Row(gradients, row, from), r1 = Row(gradients, Math.Min(row + 1, last), from), r2 = Row(gradients, Math.Min(row + 2, last), from);
        int* r3 = Row(gradients, Math.Min(row + 3, last), from), r4 = Row(gradients, Math.Min(row + 4, last), from), r5 = Row(gradients, Math.Min(row + 5, last), from);
        Products s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default;
        for (int four = 0; four < Chunk / 4; four++, codes += 4 * Width)
        {
            Vector256<byte> low = Vector256.Load(codes), high = Vector256.Load(codes + 32);
            s0.Add(low, high, r0[four]);
            s1.Add(low, high, r1[four]);
            s2.Add(low, high, r2[four]);
            s3.Add(low, high, r3[four]);
            s4.Add(low, high, r4[four]);
            s5.Add(low, high, r5[four]);
        }

        s0.AddTo(y, scales, gradients, row, chunk, assign);
        if (row + 1 <= last) s1.AddTo(y + stride, scales, gradients, row + 1, chunk, assign);
        if (row + 2 <= last) s2.AddTo(y + (2 * stride), scales, gradients, row + 2, chunk, assign);
        if (row + 3 <= last) s3.AddTo(y + (3 * stride), scales, gradients, row + 3, chunk, assign);
        if (row + 4 <= last) s4.AddTo(y + (4 * stride), scales, gradients, row + 4, chunk, assign);
        if (row + 5 <= last) s5.AddTo(y + (5 * stride), scales, gradients, row + 5, chunk, assign);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int* Row(in ChunkedRows gradients, long row, long from) => (int*)gradients.Codes(row) + from;

    /// <summary>Sums of products for 16 columns.</summary>
    private struct Products
    {
        private Vector256<int> low, high;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(Vector256<byte> lowCodes, Vector256<byte> highCodes, int fourCodes)
        {
            Vector256<sbyte> x = Vector256.Create(fourCodes).AsSByte();
            low = AvxVnni.MultiplyWideningAndAdd(low, lowCodes, x);
            high = AvxVnni.MultiplyWideningAndAdd(high, highCodes, x);
        }

        /// <summary>
        /// y += scale of the columns · (scale of the row · sums − 128 · sum of the row). In 256 bits: wider instructions would take a port from the next
        /// tile's products.
        /// </summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void AddTo(float* y, float* scales, in ChunkedRows gradients, long row, long chunk, bool assign)
        {
            Vector256<float> scale = Vector256.Create(gradients.Scales(row)[chunk]), middle = Vector256.Create(-128 * gradients.Sums(row)[chunk]);
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
