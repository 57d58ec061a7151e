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
    /// <summary>Multiply-adds of four columns in a group.</summary>
    private static int GroupSteps
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TBlock.GroupColumns / 4;
    }

    /// <summary>How many of them fit 16 bits.</summary>
    private static int NarrowSteps
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Math.Min(GroupSteps, TBlock.CodeBits <= 4 ? 8 : TBlock.CodeBits == 5 ? 4 : 2);
    }

    public static void Multiply(in IntegerPart part, in QuantizedRows x, long start, long end, float* scratch)
    {
        PanelScratch panel = new(scratch, x.Steps);
        for (long first = start; first < end; first += PanelScratch.Rows)
        {
            long count = Math.Min(PanelScratch.Rows, end - first);
            Panel512<TBlock>.Fill(part, x, first, first + count, panel);
            for (long n = 0; n < x.Rows; n += PanelScratch.TileRows)
            {
                float* y = part.Y + (n * part.Outputs) + first;
                bool inside = count == PanelScratch.Rows && n + PanelScratch.TileRows <= x.Rows;
                Tile(panel, x, n, inside ? y : panel.Edge, inside ? part.Outputs : PanelScratch.Rows);
                if (!inside) panel.CopyEdge(y, part.Outputs, Math.Min(PanelScratch.TileRows, x.Rows - n), count);
            }
        }
    }

    /// <summary>Four rows of activations; past the end the last row is repeated.</summary>
    private static void Tile(PanelScratch panel, in QuantizedRows x, long n, float* y, long stride)
    {
        long last = x.Rows - 1;
        PanelRow r0 = new(x, n, TBlock.GroupColumns), r1 = new(x, Math.Min(n + 1, last), TBlock.GroupColumns);
        PanelRow r2 = new(x, Math.Min(n + 2, last), TBlock.GroupColumns), r3 = new(x, Math.Min(n + 3, last), TBlock.GroupColumns);
        Outputs y0 = default, y1 = default, y2 = default, y3 = default;
        byte* codes = panel.Codes;
        long groups = x.Steps * QuantizedRows.StepColumns / TBlock.GroupColumns, four = 0;
        for (long group = 0; group < groups; group++)
        {
            Wide w0 = default, w1 = default, w2 = default, w3 = default;
            for (int narrow = 0; narrow < GroupSteps; narrow += NarrowSteps)
            {
                Narrow s0 = default, s1 = default, s2 = default, s3 = default;
                for (int i = 0; i < NarrowSteps; i++, four++, codes += 128)
                {
                    Vector512<byte> low = Vector512.LoadAligned(codes), high = Vector512.LoadAligned(codes + 64);
                    s0.Add(low, high, r0.Codes[four]);
                    s1.Add(low, high, r1.Codes[four]);
                    s2.Add(low, high, r2.Codes[four]);
                    s3.Add(low, high, r3.Codes[four]);
                }

                w0.Add(s0);
                w1.Add(s1);
                w2.Add(s2);
                w3.Add(s3);
            }

            float* scales = panel.Scales + (group * PanelScratch.Rows), offsets = panel.Offsets + (group * PanelScratch.Rows);
            y0.Add(w0, scales, offsets, r0, group);
            y1.Add(w1, scales, offsets, r1, group);
            y2.Add(w2, scales, offsets, r2, group);
            y3.Add(w3, scales, offsets, r3, group);
        }

        y0.Store(y);
        y1.Store(y + stride);
        y2.Store(y + (2 * stride));
        y3.Store(y + (3 * stride));
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

    /// <summary>32 outputs.</summary>
    private struct Outputs
    {
        private Vector512<float> low, high;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(Wide sums, float* scales, float* offsets, PanelRow row, long group)
        {
            Vector512<float> scale = Vector512.Create(row.Scales[group * (TBlock.GroupColumns / 16)]), sum = Vector512.Create(row.Sums[group]);
            low = Vector512.FusedMultiplyAdd(Vector512.LoadAligned(offsets), sum, low);
            high = Vector512.FusedMultiplyAdd(Vector512.LoadAligned(offsets + 16), sum, high);
            low = Vector512.FusedMultiplyAdd(Vector512.ConvertToSingle(sums.Low), Vector512.LoadAligned(scales) * scale, low);
            high = Vector512.FusedMultiplyAdd(Vector512.ConvertToSingle(sums.High), Vector512.LoadAligned(scales + 16) * scale, high);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Store(float* y)
        {
            low.Store(y);
            high.Store(y + 16);
        }
    }
}
