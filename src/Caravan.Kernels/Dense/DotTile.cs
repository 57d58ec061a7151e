using System.Runtime.CompilerServices;

namespace Caravan.Kernels;

/// <summary>
/// Dot products of four weight rows with one, two or four activation rows. Every output has one register of sums: lane i adds the products
/// of columns i, i + Count, …, and the lanes are added by pairs. <see cref="OuterTile{TLanes}"/> adds in the same order, so a row of
/// activations gives the same bits alone and among many.
/// </summary>
internal static unsafe class DotTile<TLanes, TBlock>
    where TLanes : unmanaged, ILanes<TLanes>
    where TBlock : struct, IBlockFormat
{
    /// <summary>Weight rows of a tile.</summary>
    internal const int WeightRows = 4;

    private const int MostRows = 4;

    /// <summary>Activation rows that leave room for the weights in the registers: AVX-512 has 32, the others 16.</summary>
    internal static int MostRowsInRegisters => TLanes.Count == 16 ? 4 : 2;

    /// <summary>Floats of scratch: results past the last weight row, and the last columns padded with zeros.</summary>
    internal static int ScratchFloats => (MostRows * WeightRows) + ((MostRows + WeightRows) * TLanes.Count);

    /// <summary>y[n · outputs + i] = w[i]·x[n] for i = 0 … last (at most 3) and each n of <typeparamref name="TRows"/>.</summary>
    public static void Multiply<TRows>(byte* w, long rowBytes, long last, float* x, long columns, float* y, long outputs, float* scratch)
        where TRows : struct, IRowCount
    {
        long w1 = Math.Min(1, last) * rowBytes, w2 = Math.Min(2, last) * rowBytes, w3 = Math.Min(3, last) * rowBytes, nextTile = WeightRows * rowBytes;
        long tailBytes = TLanes.Count * TBlock.BlockBytes, x1 = columns, x2 = 2 * columns, x3 = 3 * columns;
        long whole = columns / TLanes.Count, steps = whole;
        float* tailX = scratch + (MostRows * WeightRows);
        byte* tailW = (byte*)(tailX + (MostRows * TLanes.Count));

        // Before the sums are in registers: a call among them would send them all to memory.
        if (whole * TLanes.Count < columns)
        {
            steps++;
            PadTail(w + (whole * tailBytes), rowBytes, last + 1, (columns % TLanes.Count) * TBlock.BlockBytes, tailW, tailBytes);
            PadTail((byte*)(x + (whole * TLanes.Count)), columns * sizeof(float), TRows.Count, (columns % TLanes.Count) * sizeof(float), (byte*)tailX, TLanes.Count * sizeof(float));
        }

        TLanes s00 = TLanes.Broadcast(0), s01 = s00, s02 = s00, s03 = s00, s10 = s00, s11 = s00, s12 = s00, s13 = s00;
        TLanes s20 = s00, s21 = s00, s22 = s00, s23 = s00, s30 = s00, s31 = s00, s32 = s00, s33 = s00;
        for (long step = 0; step < steps; step++, w += tailBytes, x += TLanes.Count)
        {
            if (step == whole)
            {
                w = tailW;
                (w1, w2, w3) = (Math.Min(1, last) * tailBytes, Math.Min(2, last) * tailBytes, Math.Min(3, last) * tailBytes);
                x = tailX;
                (x1, x2, x3) = (TLanes.Count, 2 * TLanes.Count, 3 * TLanes.Count);
            }

            byte* next = w + nextTile;
            Cpu.Prefetch(next);
            Cpu.Prefetch(next + w1);
            Cpu.Prefetch(next + w2);
            Cpu.Prefetch(next + w3);
            TLanes a = TBlock.Load<TLanes>(w), b = TBlock.Load<TLanes>(w + w1), c = TBlock.Load<TLanes>(w + w2), d = TBlock.Load<TLanes>(w + w3);
            TLanes value = TLanes.Load(x);
            TLanes.AddProduct(ref s00, a, value);
            TLanes.AddProduct(ref s01, b, value);
            TLanes.AddProduct(ref s02, c, value);
            TLanes.AddProduct(ref s03, d, value);
            if (TRows.Count == 1) continue;
            value = TLanes.Load(x + x1);
            TLanes.AddProduct(ref s10, a, value);
            TLanes.AddProduct(ref s11, b, value);
            TLanes.AddProduct(ref s12, c, value);
            TLanes.AddProduct(ref s13, d, value);
            if (TRows.Count == 2) continue;
            value = TLanes.Load(x + x2);
            TLanes.AddProduct(ref s20, a, value);
            TLanes.AddProduct(ref s21, b, value);
            TLanes.AddProduct(ref s22, c, value);
            TLanes.AddProduct(ref s23, d, value);
            value = TLanes.Load(x + x3);
            TLanes.AddProduct(ref s30, a, value);
            TLanes.AddProduct(ref s31, b, value);
            TLanes.AddProduct(ref s32, c, value);
            TLanes.AddProduct(ref s33, d, value);
        }

        float* results = last == WeightRows - 1 ? y : scratch;
        long stride = last == WeightRows - 1 ? outputs : WeightRows;
        TLanes.StoreSums(s00, s01, s02, s03, results);
        if (TRows.Count > 1) TLanes.StoreSums(s10, s11, s12, s13, results + stride);
        if (TRows.Count > 2) TLanes.StoreSums(s20, s21, s22, s23, results + (2 * stride));
        if (TRows.Count > 2) TLanes.StoreSums(s30, s31, s32, s33, results + (3 * stride));
        if (last == WeightRows - 1) return;
        for (int n = 0; n < TRows.Count; n++)
            for (long i = 0; i <= last; i++) y[(n * outputs) + i] = scratch[(n * WeightRows) + i];
    }

    /// <summary>Copies the first bytes of some rows and fills each up with zeros.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void PadTail(byte* rows, long stride, long count, long bytes, byte* padded, long paddedBytes)
    {
        for (long row = 0; row < count; row++)
        {
            Span<byte> target = new(padded + (row * paddedBytes), (int)paddedBytes);
            new ReadOnlySpan<byte>(rows + (row * stride), (int)bytes).CopyTo(target);
            target[(int)bytes..].Clear();
        }
    }
}
