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
            for (; n + 4 <= x.Rows; n += 4) Rows<Four, One>(part, x, n, first, last, (byte*)scratch);
            if (n + 2 <= x.Rows)
            {
                Rows<Two, Two>(part, x, n, first, last, (byte*)scratch);
                n += 2;
            }

            if (n < x.Rows) Rows<One, Four>(part, x, n, first, last, (byte*)scratch);
        }
    }

    /// <summary>
    /// <typeparamref name="TRows"/> rows of activations and <typeparamref name="TStreams"/> rows of weights at a time, four products together.
    /// The rows of weights lie far apart: one stream of memory does not reach what several do.
    /// </summary>
    private static void Rows<TRows, TStreams>(in IntegerPart part, in QuantizedRows x, long n, long start, long end, byte* scratch)
        where TRows : struct, IRowCount
        where TStreams : struct, IRowCount
    {
        long apart = (end - start) / TStreams.Count;
        for (long o = start; o < start + apart; o++) Step<TRows, TStreams>(part, x, n, o, apart, scratch);
        for (long o = start + (apart * TStreams.Count); o < end; o++) Step<TRows, One>(part, x, n, o, 0, scratch);
    }

    private static void Step<TRows, TStreams>(in IntegerPart part, in QuantizedRows x, long n, long o, long apart, byte* scratch)
        where TRows : struct, IRowCount
        where TStreams : struct, IRowCount
    {
        ActivationRow x0 = new(x, n), x1 = new(x, TRows.Count > 1 ? n + 1 : n);
        ActivationRow x2 = new(x, TRows.Count > 2 ? n + 2 : n), x3 = new(x, TRows.Count > 2 ? n + 3 : n);
        long steps = x.Steps, whole = x.Columns / QuantizedRows.StepColumns, streamBytes = apart * part.RowBytes;
        byte* row = part.Weights + (o * part.RowBytes), block = row;

        // Before the sums are in registers: a call among them would send them all to memory.
        if (whole < steps)
        {
            for (int stream = 0; stream < TStreams.Count; stream++)
            {
                byte* streamRow = row + (stream * streamBytes);
                PaddedStep.Copy(streamRow + (whole * StepBytes), streamRow + part.RowBytes, StepBytes, scratch + (stream * PaddedStep.MostBytes));
            }
        }

        Vector512<float> y0 = default, y1 = default, y2 = default, y3 = default;
        for (long step = 0; step < steps; step++, block += StepBytes)
        {
            if (step == whole)
            {
                block = scratch;
                streamBytes = PaddedStep.MostBytes;
            }

            Unpacked w = new(block);
            y0 = Sum(y0, x0, step, w);
            if (TRows.Count > 1) y1 = Sum(y1, x1, step, w);
            if (TRows.Count > 2) y2 = Sum(y2, x2, step, w);
            if (TRows.Count > 2) y3 = Sum(y3, x3, step, w);
            if (TStreams.Count == 2)
            {
                w = new Unpacked(block + streamBytes);
                y2 = Sum(y2, x0, step, w);
                y3 = Sum(y3, x1, step, w);
            }

            if (TStreams.Count == 4)
            {
                w = new Unpacked(block + streamBytes);
                y1 = Sum(y1, x0, step, w);
                w = new Unpacked(block + (2 * streamBytes));
                y2 = Sum(y2, x0, step, w);
                w = new Unpacked(block + (3 * streamBytes));
                y3 = Sum(y3, x0, step, w);
            }
        }

        float* y = part.Y + (n * part.Outputs) + o;
        long second = TRows.Count > 1 ? part.Outputs : apart, third = TRows.Count == 2 ? apart : 2 * second;
        y[0] = Vector512.Sum(y0);
        if (TRows.Count * TStreams.Count > 1) y[second] = Vector512.Sum(y1);
        if (TRows.Count * TStreams.Count > 2) y[third] = Vector512.Sum(y2);
        if (TRows.Count * TStreams.Count > 2) y[second + third] = Vector512.Sum(y3);
    }

    /// <summary>256 columns of a row of weights in registers.</summary>
    private readonly struct Unpacked
    {
        public readonly Vector512<float> Scales, Offsets;
        public readonly Vector512<byte> C0, C1, C2, C3;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Unpacked(byte* block)
        {
            Prefetch(block + PrefetchDistance);
            Scales = TBlock.Scales512(block);
            Offsets = Signed ? Scales : TBlock.Offsets512(block, Scales);
            C0 = TBlock.Codes512(block, 0);
            C1 = TBlock.Codes512(block, 1);
            C2 = TBlock.Codes512(block, 2);
            C3 = TBlock.Codes512(block, 3);
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

    /// <summary>The running sum of one output, 256 columns further. One register for each: four outputs keep the units busy while each waits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Sum(Vector512<float> sum, ActivationRow x, long step, Unpacked w)
    {
        Vector512<float> scale = w.Scales * Vector512.LoadAligned(x.Scales + (step * 16));
        if (!Signed) sum = Vector512.FusedMultiplyAdd(w.Offsets, Vector512.LoadAligned(x.Sums + (step * 16)), sum);
        sbyte* codes = x.Codes + (step * QuantizedRows.StepColumns);
        sum = Vector512.FusedMultiplyAdd(Dots(w.C0, codes), Spread(scale, 0), sum);
        sum = Vector512.FusedMultiplyAdd(Dots(w.C1, codes + 64), Spread(scale, 4), sum);
        sum = Vector512.FusedMultiplyAdd(Dots(w.C2, codes + 128), Spread(scale, 8), sum);
        return Vector512.FusedMultiplyAdd(Dots(w.C3, codes + 192), Spread(scale, 12), sum);
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
