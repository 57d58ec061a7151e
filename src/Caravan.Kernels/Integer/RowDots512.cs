using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Caravan.Kernels;

/// <summary>
/// Products for few rows of activations with AVX-512: each row of weights is read once, as it lies in the file, unpacked in registers, and
/// multiplied with one, two or four rows of activations. A sum in lanes ends in a sum across lanes, so long rows and few activations suit it;
/// PanelDots512 does the rest.
/// </summary>
internal static unsafe class RowDots512<TBlock>
    where TBlock : struct, IUnpack512
{
    /// <summary>Bytes ahead of the weights in use that are asked for; from 4 to 8 KB differ little (2 Zen 5 cores, 2026-11).</summary>
    private const int PrefetchDistance = 8192;

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
        long chunk = x.Rows <= 4 && x.Rows != 3 ? end - start : ChunkRows;
        for (long first = start; first < end; first += chunk)
        {
            long last = Math.Min(end, first + chunk), n = 0;
            for (; n + 4 <= x.Rows; n += 4) Rows<Four>(part, x, n, first, last, (byte*)scratch);
            if (n + 2 <= x.Rows)
            {
                Rows<Two>(part, x, n, first, last, (byte*)scratch);
                n += 2;
            }

            if (n < x.Rows) Rows<One>(part, x, n, first, last, (byte*)scratch);
        }
    }

    private static void Rows<TRows>(in IntegerPart part, in QuantizedRows x, long n, long start, long end, byte* scratch)
        where TRows : struct, IRowCount
    {
        ActivationRow x0 = new(x, n), x1 = new(x, TRows.Count > 1 ? n + 1 : n);
        ActivationRow x2 = new(x, TRows.Count > 2 ? n + 2 : n), x3 = new(x, TRows.Count > 2 ? n + 3 : n);
        long steps = x.Steps, whole = x.Columns / QuantizedRows.StepColumns, outputs = part.Outputs;
        for (long o = start; o < end; o++)
        {
            byte* row = part.Weights + (o * part.RowBytes), block = row;

            // Before the sums are in registers: a call among them would send them all to memory.
            if (whole < steps) PaddedStep.Copy(row + (whole * StepBytes), row + part.RowBytes, StepBytes, scratch);
            Sums y0 = default, y1 = default, y2 = default, y3 = default;
            for (long step = 0; step < steps; step++, block += StepBytes)
            {
                if (step == whole) block = scratch;
                Prefetch(block + PrefetchDistance);
                Vector512<float> scales = TBlock.Scales512(block);
                Vector512<float> offsets = Signed ? scales : TBlock.Offsets512(block, scales);
                Vector512<byte> c0 = TBlock.Codes512(block, 0), c1 = TBlock.Codes512(block, 1);
                Vector512<byte> c2 = TBlock.Codes512(block, 2), c3 = TBlock.Codes512(block, 3);
                y0.Add(x0, step, scales, offsets, c0, c1, c2, c3);
                if (TRows.Count > 1) y1.Add(x1, step, scales, offsets, c0, c1, c2, c3);
                if (TRows.Count > 2) y2.Add(x2, step, scales, offsets, c0, c1, c2, c3);
                if (TRows.Count > 2) y3.Add(x3, step, scales, offsets, c0, c1, c2, c3);
            }

            float* y = part.Y + (n * outputs) + o;
            y[0] = y0.Total;
            if (TRows.Count > 1) y[outputs] = y1.Total;
            if (TRows.Count > 2) y[2 * outputs] = y2.Total;
            if (TRows.Count > 2) y[3 * outputs] = y3.Total;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(byte* address)
    {
        Sse.Prefetch0(address);
        if (StepBytes > 64) Sse.Prefetch0(address + 64);
        if (StepBytes > 128) Sse.Prefetch0(address + 128);
        if (StepBytes > 192) Sse.Prefetch0(address + 192);
        if (StepBytes > 256) Sse.Prefetch0(address + 256);
    }

    /// <summary>The running sum of one output: three registers, because one would wait for itself.</summary>
    private struct Sums
    {
        private Vector512<float> even, odd, offset;

        public readonly float Total => Vector512.Sum(even + odd + offset);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(
            ActivationRow x, long step, Vector512<float> scales, Vector512<float> offsets,
            Vector512<byte> c0, Vector512<byte> c1, Vector512<byte> c2, Vector512<byte> c3)
        {
            Vector512<float> scale = scales * Vector512.LoadAligned(x.Scales + (step * 16));
            if (!Signed) offset = Vector512.FusedMultiplyAdd(offsets, Vector512.LoadAligned(x.Sums + (step * 16)), offset);
            sbyte* codes = x.Codes + (step * QuantizedRows.StepColumns);
            even = Vector512.FusedMultiplyAdd(Dots(c0, codes), Spread(scale, 0), even);
            odd = Vector512.FusedMultiplyAdd(Dots(c1, codes + 64), Spread(scale, 4), odd);
            even = Vector512.FusedMultiplyAdd(Dots(c2, codes + 128), Spread(scale, 8), even);
            odd = Vector512.FusedMultiplyAdd(Dots(c3, codes + 192), Spread(scale, 12), odd);
        }

        /// <summary>Sixteen sums of four products.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector512<float> Dots(Vector512<byte> weights, sbyte* codes)
        {
            Vector512<sbyte> x = Vector512.LoadAligned(codes);
            if (Signed)
            {
                // |w| · (x with w's sign): -128 becomes 128, and 2 · 128 · 127 still fits 16 bits.
                x = Vector512.ConditionalSelect(Vector512.LessThan(weights.AsSByte(), Vector512<sbyte>.Zero), -x, x);
                weights = Avx512BW.Abs(weights.AsSByte());
            }

            Vector512<short> pairs = Avx512BW.MultiplyAddAdjacent(weights, x);
            return Vector512.ConvertToSingle(Avx512BW.MultiplyAddAdjacent(pairs, Vector512<short>.One));
        }

        /// <summary>The scales of four groups from <paramref name="first"/>, each for the four lanes that hold its products.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector512<float> Spread(Vector512<float> scales, int first) => Avx512F.PermuteVar16x32(
            scales,
            Vector512.Create(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3) + Vector512.Create(first));
    }
}
