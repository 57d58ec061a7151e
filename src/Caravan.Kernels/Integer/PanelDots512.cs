using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Caravan.Kernels;

/// <summary>
/// Products for many rows of activations with AVX-512: 32 rows of weights are unpacked once into a panel, then meet four rows of activations
/// at a time. Lanes are outputs, so nothing is summed across lanes; products of codes of up to 6 bits are added in 16 bits as long as they
/// fit (8 · 2 · 15 · 127 = 30,480 for four bits) and widened only then.
/// </summary>
internal static unsafe class PanelDots512<TBlock>
    where TBlock : struct, IUnpack512
{
    /// <summary>Fours of columns in half a group.</summary>
    private static int HalfSteps
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TBlock.GroupColumns / 8;
    }

    /// <summary>How many of them, and as many of the other half, fit 16 bits.</summary>
    private static int NarrowSteps
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Math.Min(HalfSteps, TBlock.CodeBits <= 4 ? 4 : TBlock.CodeBits == 5 ? 2 : 1);
    }

    /// <summary>A tile, some of whose rows or outputs may not exist.</summary>
    internal static void Outside<TSource, TRows>(
        TSource source, in IntegerPart part, in QuantizedRows x, long n, long first, long count, PanelScratch panel, ref PanelAhead ahead)
        where TSource : struct, ITileSource
        where TRows : struct, IRowCount
    {
        float* y = part.Y + (n * part.Outputs) + first;
        bool inside = count == PanelScratch.Rows && n + TRows.Count <= x.Rows;
        Tile<TSource, TRows>(source, x, n, inside ? y : panel.Edge, inside ? part.Outputs : PanelScratch.Rows, ref ahead);
        if (!inside) panel.CopyEdge(y, part.Outputs, Math.Min(TRows.Count, x.Rows - n), count);
    }

    /// <summary>Up to four rows of activations; past the end the last row is repeated.</summary>
    private static void Tile<TSource, TRows>(TSource source, in QuantizedRows x, long n, float* y, long stride, ref PanelAhead next)
        where TSource : struct, ITileSource
        where TRows : struct, IRowCount
    {
        PanelAhead ahead = next;
        long last = x.Rows - 1;
        PanelRow r0 = new(x, n, TBlock.GroupColumns), r1 = new(x, Math.Min(n + 1, last), TBlock.GroupColumns);
        PanelRow r2 = new(x, Math.Min(n + 2, last), TBlock.GroupColumns), r3 = new(x, Math.Min(n + 3, last), TBlock.GroupColumns);
        Outputs y0 = default, y1 = default, y2 = default, y3 = default;
        long groups = PanelProducts<TBlock>.Groups(x), four = 0;
        for (long group = 0; group < groups; group++, four += HalfSteps)
        {
            ahead.Prefetch();
            Wide w0 = default, w1 = default, w2 = default, w3 = default;
            for (int narrow = 0; narrow < HalfSteps; narrow += NarrowSteps)
            {
                Narrow s0 = default, s1 = default, s2 = default, s3 = default;
                for (int i = narrow; i < narrow + NarrowSteps; i++, four++)
                {
                    (Vector512<byte> low, Vector512<byte> lowToo) = source.Low(group, i);
                    (Vector512<byte> high, Vector512<byte> highToo) = source.High(group, i);
                    s0.Add(low, high, r0.Codes[four]);
                    s0.Add(lowToo, highToo, r0.Codes[four + HalfSteps]);
                    if (TRows.Count > 1) s1.Add(low, high, r1.Codes[four]);
                    if (TRows.Count > 1) s1.Add(lowToo, highToo, r1.Codes[four + HalfSteps]);
                    if (TRows.Count > 2) s2.Add(low, high, r2.Codes[four]);
                    if (TRows.Count > 2) s2.Add(lowToo, highToo, r2.Codes[four + HalfSteps]);
                    if (TRows.Count > 2) s3.Add(low, high, r3.Codes[four]);
                    if (TRows.Count > 2) s3.Add(lowToo, highToo, r3.Codes[four + HalfSteps]);
                }

                w0.Add(s0);
                if (TRows.Count > 1) w1.Add(s1);
                if (TRows.Count > 2) w2.Add(s2);
                if (TRows.Count > 2) w3.Add(s3);
            }

            Halves scales = new(source.LowScales(group), source.HighScales(group));
            Halves offsets = new(source.LowOffsets(group, scales.Low), source.HighOffsets(group, scales.High));
            y0.Add(w0, scales, offsets, r0, group);
            if (TRows.Count > 1) y1.Add(w1, scales, offsets, r1, group);
            if (TRows.Count > 2) y2.Add(w2, scales, offsets, r2, group);
            if (TRows.Count > 2) y3.Add(w3, scales, offsets, r3, group);
        }

        next = ahead;
        y0.Store(y);
        if (TRows.Count > 1) y1.Store(y + stride);
        if (TRows.Count > 2) y2.Store(y + (2 * stride));
        if (TRows.Count > 2) y3.Store(y + (3 * stride));
    }

    /// <summary>Sums of pairs of products, 16 bits each, for 32 outputs.</summary>
    private struct Narrow
    {
        public Vector512<short> Low, High;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(Vector512<byte> low, Vector512<byte> high, int fourCodes)
        {
            Vector512<sbyte> x = Vector512.Create(fourCodes).AsSByte();
            Low += Avx512BW.MultiplyAddAdjacent(low, x);
            High += Avx512BW.MultiplyAddAdjacent(high, x);
        }
    }

    /// <summary>Sums of products for 32 outputs.</summary>
    private struct Wide
    {
        public Vector512<int> Low, High;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(Narrow sums)
        {
            Low += Avx512BW.MultiplyAddAdjacent(sums.Low, Vector512<short>.One);
            High += Avx512BW.MultiplyAddAdjacent(sums.High, Vector512<short>.One);
        }
    }

    /// <summary>Scales or offsets of 32 outputs.</summary>
    private readonly struct Halves(Vector512<float> low, Vector512<float> high)
    {
        public readonly Vector512<float> Low = low, High = high;
    }

    /// <summary>32 outputs.</summary>
    private struct Outputs
    {
        private Vector512<float> low, high;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(Wide sums, Halves scales, Halves offsets, PanelRow row, long group)
        {
            Vector512<float> scale = Vector512.Create(row.Scales[group * (TBlock.GroupColumns / 16)]), sum = Vector512.Create(row.Sums[group]);
            low = Vector512.FusedMultiplyAdd(offsets.Low, sum, low);
            high = Vector512.FusedMultiplyAdd(offsets.High, sum, high);
            low = Vector512.FusedMultiplyAdd(Vector512.ConvertToSingle(sums.Low), scales.Low * scale, low);
            high = Vector512.FusedMultiplyAdd(Vector512.ConvertToSingle(sums.High), scales.High * scale, high);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Store(float* y)
        {
            low.Store(y);
            high.Store(y + 16);
        }
    }
}
