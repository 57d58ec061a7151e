using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Caravan.Kernels;

/// <summary>
/// As <see cref="RowDots512{TBlock}"/> with AVX2, for any number of rows of activations: one or two at a time, since there are 16 registers.
/// </summary>
internal static unsafe class RowDots256<TBlock>
    where TBlock : struct, IUnpack256
{
    /// <summary>Bytes ahead of the weights in use that are asked for.</summary>
    private const int PrefetchDistance = 4096;

    /// <summary>Weight rows that stay in the second-level cache while further rows of activations pass.</summary>
    private const int ChunkRows = 32;

    private static int StepBytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => QuantizedRows.StepColumns / TBlock.BlockElements * TBlock.BlockBytes;
    }

    private static bool Signed
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TBlock.CodeBits == 8;
    }

    public static void Multiply(in IntegerPart part, in QuantizedRows x, long start, long end, float* scratch)
    {
        long chunk = x.Rows <= 2 ? end - start : ChunkRows;
        for (long first = start; first < end; first += chunk)
        {
            long last = Math.Min(end, first + chunk), n = 0;
            for (; n + 2 <= x.Rows; n += 2) Rows<Two>(part, x, n, first, last, (byte*)scratch);
            if (n < x.Rows) Rows<One>(part, x, n, first, last, (byte*)scratch);
        }
    }

    private static void Rows<TRows>(in IntegerPart part, in QuantizedRows x, long n, long start, long end, byte* scratch)
        where TRows : struct, IRowCount
    {
        ActivationRow x0 = new(x, n), x1 = new(x, TRows.Count > 1 ? n + 1 : n);
        long steps = x.Steps, whole = x.Columns / QuantizedRows.StepColumns;
        for (long o = start; o < end; o++)
        {
            byte* row = part.Weights + (o * part.RowBytes), block = row;

            // Before the sums are in registers: a call among them would send them all to memory.
            if (whole < steps) PaddedStep.Copy(row + (whole * StepBytes), row + part.RowBytes, StepBytes, scratch);
            Sums y0 = default, y1 = default;
            for (long step = 0; step < steps; step++, block += StepBytes)
            {
                if (step == whole) block = scratch;
                for (int line = 0; line < StepBytes; line += 64) Sse.Prefetch0(block + PrefetchDistance + line);
                AddHalf<TRows>(block, 0, step * 2, x0, x1, ref y0, ref y1);
                AddHalf<TRows>(block, 1, (step * 2) + 1, x0, x1, ref y0, ref y1);
            }

            float* y = part.Y + (n * part.Outputs) + o;
            y[0] = y0.Total;
            if (TRows.Count > 1) y[part.Outputs] = y1.Total;
        }
    }

    /// <summary>128 columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddHalf<TRows>(byte* block, int half, long index, ActivationRow x0, ActivationRow x1, ref Sums y0, ref Sums y1)
        where TRows : struct, IRowCount
    {
        Vector256<float> scales = TBlock.Scales256(block, half), scales0 = scales * Vector256.LoadAligned(x0.Scales + (index * 8)), scales1 = default;
        if (TRows.Count > 1) scales1 = scales * Vector256.LoadAligned(x1.Scales + (index * 8));
        if (!Signed)
        {
            Vector256<float> offsets = TBlock.Offsets256(block, scales, half);
            y0.AddOffsets(offsets, x0.Sums + (index * 8));
            if (TRows.Count > 1) y1.AddOffsets(offsets, x1.Sums + (index * 8));
        }

        sbyte* codes0 = x0.Codes + (index * 128), codes1 = x1.Codes + (index * 128);
        Vector256<byte> codes = TBlock.Codes256(block, half * 4);
        y0.Even(codes, codes0, scales0, 0);
        if (TRows.Count > 1) y1.Even(codes, codes1, scales1, 0);
        codes = TBlock.Codes256(block, (half * 4) + 1);
        y0.Odd(codes, codes0 + 32, scales0, 2);
        if (TRows.Count > 1) y1.Odd(codes, codes1 + 32, scales1, 2);
        codes = TBlock.Codes256(block, (half * 4) + 2);
        y0.Even(codes, codes0 + 64, scales0, 4);
        if (TRows.Count > 1) y1.Even(codes, codes1 + 64, scales1, 4);
        codes = TBlock.Codes256(block, (half * 4) + 3);
        y0.Odd(codes, codes0 + 96, scales0, 6);
        if (TRows.Count > 1) y1.Odd(codes, codes1 + 96, scales1, 6);
    }

    /// <summary>The running sum of one output: three registers, because one would wait for itself.</summary>
    private struct Sums
    {
        private Vector256<float> even, odd, offset;

        public readonly float Total => Vector256.Sum(even + odd + offset);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void AddOffsets(Vector256<float> offsets, float* sums) =>
            offset = Vector256.FusedMultiplyAdd(offsets, Vector256.LoadAligned(sums), offset);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Even(Vector256<byte> weights, sbyte* x, Vector256<float> scales, int group) =>
            even = Vector256.FusedMultiplyAdd(Dots(weights, x), Spread(scales, group), even);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Odd(Vector256<byte> weights, sbyte* x, Vector256<float> scales, int group) =>
            odd = Vector256.FusedMultiplyAdd(Dots(weights, x), Spread(scales, group), odd);

        /// <summary>Eight sums of four products.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector256<float> Dots(Vector256<byte> weights, sbyte* codes)
        {
            Vector256<sbyte> x = Vector256.LoadAligned(codes);
            if (Signed)
            {
                // |w| · (x with w's sign): -128 becomes 128, and 2 · 128 · 127 still fits 16 bits.
                x = Avx2.Sign(x, weights.AsSByte());
                weights = Avx2.Abs(weights.AsSByte());
            }

            return Vector256.ConvertToSingle(Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(weights, x), Vector256<short>.One));
        }

        /// <summary>The scales of two groups from <paramref name="first"/>, each for the four lanes that hold its products.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector256<float> Spread(Vector256<float> scales, int first) =>
            Avx2.PermuteVar8x32(scales, Vector256.Create(0, 0, 0, 0, 1, 1, 1, 1) + Vector256.Create(first));
    }
}
