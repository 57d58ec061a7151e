using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Caravan.Kernels;

/// <summary>
/// As <see cref="PanelDots512{TBlock}"/> for codes of 8 bits, whose products fit 16 bits not even in pairs: AVX-VNNI adds four products in 32
/// bits. It takes unsigned codes, so the panel holds code + 128 and offsets of -128 · scale. The instruction reaches 16 registers only: four
/// rows of activations by 16 outputs at a time.
/// </summary>
internal static unsafe class PanelDotsVnni<TBlock>
    where TBlock : struct, IUnpack512
{
    private static int GroupSteps
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TBlock.GroupColumns / 4;
    }

    /// <summary>A tile, some of whose rows or outputs may not exist.</summary>
    internal static void Outside<TSource, TRows>(
        TSource source, in IntegerPart part, in QuantizedRows x, long n, long first, long count, PanelScratch panel, ref PanelAhead ahead)
        where TSource : struct, IByteSource
        where TRows : struct, IRowCount
    {
        float* y = part.Y + (n * part.Outputs) + first;
        bool inside = count >= 16 && n + TRows.Count <= x.Rows;
        Tile<TSource, TRows>(source, x, n, inside ? y : panel.Edge, inside ? part.Outputs : PanelScratch.Rows, ref ahead);
        if (!inside) panel.CopyEdge(y, part.Outputs, Math.Min(TRows.Count, x.Rows - n), Math.Min(16, count));
    }

    /// <summary>Up to four rows of activations; past the end the last row is repeated.</summary>
    private static void Tile<TSource, TRows>(TSource source, in QuantizedRows x, long n, float* y, long stride, ref PanelAhead next)
        where TSource : struct, IByteSource
        where TRows : struct, IRowCount
    {
        PanelAhead ahead = next;
        long last = x.Rows - 1;
        PanelRow r0 = new(x, n, TBlock.GroupColumns), r1 = new(x, Math.Min(n + 1, last), TBlock.GroupColumns);
        PanelRow r2 = new(x, Math.Min(n + 2, last), TBlock.GroupColumns), r3 = new(x, Math.Min(n + 3, last), TBlock.GroupColumns);
        Vector512<float> y0 = default, y1 = default, y2 = default, y3 = default;
        long groups = PanelProducts<TBlock>.Groups(x), four = 0;
        for (long group = 0; group < groups; group++)
        {
            ahead.Prefetch();
            Products s0 = default, s1 = default, s2 = default, s3 = default;
            byte* codes = source.Codes(group);
            for (int i = 0; i < GroupSteps; i++, four++, codes += TSource.FourBytes)
            {
                Vector256<byte> low = Vector256.LoadAligned(codes), high = Vector256.LoadAligned(codes + 32);
                s0.Add(low, high, r0.Codes[four]);
                if (TRows.Count > 1) s1.Add(low, high, r1.Codes[four]);
                if (TRows.Count > 2) s2.Add(low, high, r2.Codes[four]);
                if (TRows.Count > 2) s3.Add(low, high, r3.Codes[four]);
            }

            Vector512<float> scales = source.Scales(group), offsets = source.Offsets(group, scales);
            y0 = s0.AddTo(y0, scales, offsets, r0, group);
            if (TRows.Count > 1) y1 = s1.AddTo(y1, scales, offsets, r1, group);
            if (TRows.Count > 2) y2 = s2.AddTo(y2, scales, offsets, r2, group);
            if (TRows.Count > 2) y3 = s3.AddTo(y3, scales, offsets, r3, group);
        }

        next = ahead;
        y0.Store(y);
        if (TRows.Count > 1) y1.Store(y + stride);
        if (TRows.Count > 2) y2.Store(y + (2 * stride));
        if (TRows.Count > 2) y3.Store(y + (3 * stride));
    }

    /// <summary>Sums of products for 16 outputs.</summary>
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

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly Vector512<float> AddTo(Vector512<float> y, Vector512<float> scales, Vector512<float> offsets, PanelRow row, long group)
        {
            Vector512<float> sums = Vector512.ConvertToSingle(Avx512F.InsertVector256(low.ToVector512Unsafe(), high, 1));
            y = Vector512.FusedMultiplyAdd(offsets, Vector512.Create(row.Sums[group]), y);
            return Vector512.FusedMultiplyAdd(sums, scales * Vector512.Create(row.Scales[group * (TBlock.GroupColumns / 16)]), y);
        }
    }
}
