using System.Runtime.CompilerServices;

namespace Caravan.Kernels;

/// <summary>
/// Small matrix products that stay in registers: c[r, :] += Σ a[r, t] · b[t, :], t ascending and fused for each element, whatever else is in the
/// tile, so that a row has the same bits alone and among others.
/// </summary>
internal static unsafe class RowTile<TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
{
    /// <summary>Rows that share each load of b.</summary>
    public const int Rows = 4;

    /// <summary>Adds the product of some rows.</summary>
    /// <param name="a">Element (r, t) is a[r · <paramref name="rowStride"/> + t · <paramref name="termStride"/>].</param>
    /// <param name="rowStride">Floats between rows of a.</param>
    /// <param name="termStride">Floats between terms of a.</param>
    /// <param name="rows">Up to three rows more than these may be computed: a and c must have room for a multiple of <see cref="Rows"/>.</param>
    /// <param name="b">Row t is b[t · <paramref name="stride"/> …].</param>
    /// <param name="stride">Floats between rows of b.</param>
    /// <param name="terms">How many products each element sums.</param>
    /// <param name="c">Row r is c[r · <paramref name="resultStride"/> …].</param>
    /// <param name="resultStride">Floats between rows of c.</param>
    /// <param name="columns">Elements of a row of b and c; whole registers.</param>
    public static void Add(
        float* a, long rowStride, long termStride, int rows, float* b, long stride, int terms, float* c, long resultStride, int columns)
    {
        for (int row = 0; row < rows; row += Rows, a += Rows * rowStride, c += Rows * resultStride)
        {
            int column = 0;
            bool alone = rows - row == 1;
            for (; column + (4 * TLanes.Count) <= columns && (alone || TLanes.Count == 16); column += 4 * TLanes.Count)
            {
                if (alone) OneByFour(a, termStride, b + column, stride, terms, c + column);
                else FourByFour(a, rowStride, termStride, b + column, stride, terms, c + column, resultStride);
            }

            for (; column + (2 * TLanes.Count) <= columns; column += 2 * TLanes.Count)
                FourByTwo(a, alone ? 0 : rowStride, termStride, b + column, stride, terms, c + column, alone ? 0 : resultStride);
            if (column < columns) FourByOne(a, alone ? 0 : rowStride, termStride, b + column, stride, terms, c + column, alone ? 0 : resultStride);
        }
    }

    private static void FourByFour(
        float* a, long rowStride, long termStride, float* b, long stride, int terms, float* c, long resultStride)
    {
        float* c1 = c + resultStride, c2 = c1 + resultStride, c3 = c2 + resultStride;
        TLanes s00 = At(c, 0), s01 = At(c, 1), s02 = At(c, 2), s03 = At(c, 3);
        TLanes s10 = At(c1, 0), s11 = At(c1, 1), s12 = At(c1, 2), s13 = At(c1, 3);
        TLanes s20 = At(c2, 0), s21 = At(c2, 1), s22 = At(c2, 2), s23 = At(c2, 3);
        TLanes s30 = At(c3, 0), s31 = At(c3, 1), s32 = At(c3, 2), s33 = At(c3, 3);
        float* a1 = a + rowStride, a2 = a1 + rowStride, a3 = a2 + rowStride;
        for (long t = 0, end = terms * termStride; t < end; t += termStride, b += stride)
        {
            TLanes b0 = At(b, 0), b1 = At(b, 1), b2 = At(b, 2), b3 = At(b, 3);
            TLanes value = TLanes.Broadcast(a[t]);
            TLanes.AddProduct(ref s00, value, b0);
            TLanes.AddProduct(ref s01, value, b1);
            TLanes.AddProduct(ref s02, value, b2);
            TLanes.AddProduct(ref s03, value, b3);
            value = TLanes.Broadcast(a1[t]);
            TLanes.AddProduct(ref s10, value, b0);
            TLanes.AddProduct(ref s11, value, b1);
            TLanes.AddProduct(ref s12, value, b2);
            TLanes.AddProduct(ref s13, value, b3);
            value = TLanes.Broadcast(a2[t]);
            TLanes.AddProduct(ref s20, value, b0);
            TLanes.AddProduct(ref s21, value, b1);
            TLanes.AddProduct(ref s22, value, b2);
            TLanes.AddProduct(ref s23, value, b3);
            value = TLanes.Broadcast(a3[t]);
            TLanes.AddProduct(ref s30, value, b0);
            TLanes.AddProduct(ref s31, value, b1);
            TLanes.AddProduct(ref s32, value, b2);
            TLanes.AddProduct(ref s33, value, b3);
        }

        Put(c, s00, s01, s02, s03);
        Put(c1, s10, s11, s12, s13);
        Put(c2, s20, s21, s22, s23);
        Put(c3, s30, s31, s32, s33);
    }

    /// <summary>Strides of 0 compute the same row four times.</summary>
    private static void FourByTwo(
        float* a, long rowStride, long termStride, float* b, long stride, int terms, float* c, long resultStride)
    {
        float* c1 = c + resultStride, c2 = c1 + resultStride, c3 = c2 + resultStride;
        TLanes s00 = At(c, 0), s01 = At(c, 1), s10 = At(c1, 0), s11 = At(c1, 1);
        TLanes s20 = At(c2, 0), s21 = At(c2, 1), s30 = At(c3, 0), s31 = At(c3, 1);
        float* a1 = a + rowStride, a2 = a1 + rowStride, a3 = a2 + rowStride;
        for (long t = 0, end = terms * termStride; t < end; t += termStride, b += stride)
        {
            TLanes b0 = At(b, 0), b1 = At(b, 1);
            TLanes value = TLanes.Broadcast(a[t]);
            TLanes.AddProduct(ref s00, value, b0);
            TLanes.AddProduct(ref s01, value, b1);
            value = TLanes.Broadcast(a1[t]);
            TLanes.AddProduct(ref s10, value, b0);
            TLanes.AddProduct(ref s11, value, b1);
            value = TLanes.Broadcast(a2[t]);
            TLanes.AddProduct(ref s20, value, b0);
            TLanes.AddProduct(ref s21, value, b1);
            value = TLanes.Broadcast(a3[t]);
            TLanes.AddProduct(ref s30, value, b0);
            TLanes.AddProduct(ref s31, value, b1);
        }

        Put(c, s00, s01);
        Put(c1, s10, s11);
        Put(c2, s20, s21);
        Put(c3, s30, s31);
    }

    private static void FourByOne(
        float* a, long rowStride, long termStride, float* b, long stride, int terms, float* c, long resultStride)
    {
        float* c1 = c + resultStride, c2 = c1 + resultStride, c3 = c2 + resultStride;
        TLanes s0 = At(c, 0), s1 = At(c1, 0), s2 = At(c2, 0), s3 = At(c3, 0);
        float* a1 = a + rowStride, a2 = a1 + rowStride, a3 = a2 + rowStride;
        for (long t = 0, end = terms * termStride; t < end; t += termStride, b += stride)
        {
            TLanes value = At(b, 0);
            TLanes.AddProduct(ref s0, TLanes.Broadcast(a[t]), value);
            TLanes.AddProduct(ref s1, TLanes.Broadcast(a1[t]), value);
            TLanes.AddProduct(ref s2, TLanes.Broadcast(a2[t]), value);
            TLanes.AddProduct(ref s3, TLanes.Broadcast(a3[t]), value);
        }

        TLanes.Store(s0, c);
        TLanes.Store(s1, c1);
        TLanes.Store(s2, c2);
        TLanes.Store(s3, c3);
    }

    private static void OneByFour(float* a, long termStride, float* b, long stride, int terms, float* c)
    {
        TLanes s0 = At(c, 0), s1 = At(c, 1), s2 = At(c, 2), s3 = At(c, 3);
        for (long t = 0, end = terms * termStride; t < end; t += termStride, b += stride)
        {
            TLanes value = TLanes.Broadcast(a[t]);
            TLanes.AddProduct(ref s0, value, At(b, 0));
            TLanes.AddProduct(ref s1, value, At(b, 1));
            TLanes.AddProduct(ref s2, value, At(b, 2));
            TLanes.AddProduct(ref s3, value, At(b, 3));
        }

        Put(c, s0, s1, s2, s3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes At(float* row, int register) => TLanes.Load(row + (register * TLanes.Count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(float* row, TLanes first, TLanes second)
    {
        TLanes.Store(first, row);
        TLanes.Store(second, row + TLanes.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(float* row, TLanes first, TLanes second, TLanes third, TLanes fourth)
    {
        Put(row, first, second);
        Put(row + (2 * TLanes.Count), third, fourth);
    }
}
