namespace Caravan.Kernels;

/// <summary>
/// Dot products of four weight rows with one or two activation rows at once: eight accumulators cover the latency of a fused multiply-add,
/// and each load of a weight serves both activation rows.
/// </summary>
internal static unsafe class DotTile<TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
{
    /// <summary>y[i] = w[i]·x for i = 0 … last (at most 3), where w[i] starts offset i behind w.</summary>
    public static void FourByOne(float* w, long offset1, long offset2, long offset3, float* x, long columns, float* y, long last)
    {
        TLanes sum0 = TLanes.Broadcast(0), sum1 = sum0, sum2 = sum0, sum3 = sum0;
        long k = 0;
        for (; k + TLanes.Count <= columns; k += TLanes.Count)
        {
            TLanes value = TLanes.Load(x + k);
            sum0 = TLanes.MultiplyAdd(TLanes.Load(w + k), value, sum0);
            sum1 = TLanes.MultiplyAdd(TLanes.Load(w + offset1 + k), value, sum1);
            sum2 = TLanes.MultiplyAdd(TLanes.Load(w + offset2 + k), value, sum2);
            sum3 = TLanes.MultiplyAdd(TLanes.Load(w + offset3 + k), value, sum3);
        }

        y[0] = Finish(sum0, w, x, k, columns);
        if (last >= 1) y[1] = Finish(sum1, w + offset1, x, k, columns);
        if (last >= 2) y[2] = Finish(sum2, w + offset2, x, k, columns);
        if (last >= 3) y[3] = Finish(sum3, w + offset3, x, k, columns);
    }

    /// <summary>The same for two activation rows.</summary>
    public static void FourByTwo(
        float* w, long offset1, long offset2, long offset3, float* x0, float* x1, long columns, float* y0, float* y1, long last)
    {
        TLanes sum00 = TLanes.Broadcast(0), sum10 = sum00, sum20 = sum00, sum30 = sum00;
        TLanes sum01 = sum00, sum11 = sum00, sum21 = sum00, sum31 = sum00;
        long k = 0;
        for (; k + TLanes.Count <= columns; k += TLanes.Count)
        {
            TLanes a = TLanes.Load(x0 + k), b = TLanes.Load(x1 + k), weight = TLanes.Load(w + k);
            sum00 = TLanes.MultiplyAdd(weight, a, sum00);
            sum01 = TLanes.MultiplyAdd(weight, b, sum01);
            weight = TLanes.Load(w + offset1 + k);
            sum10 = TLanes.MultiplyAdd(weight, a, sum10);
            sum11 = TLanes.MultiplyAdd(weight, b, sum11);
            weight = TLanes.Load(w + offset2 + k);
            sum20 = TLanes.MultiplyAdd(weight, a, sum20);
            sum21 = TLanes.MultiplyAdd(weight, b, sum21);
            weight = TLanes.Load(w + offset3 + k);
            sum30 = TLanes.MultiplyAdd(weight, a, sum30);
            sum31 = TLanes.MultiplyAdd(weight, b, sum31);
        }

        y0[0] = Finish(sum00, w, x0, k, columns);
        y1[0] = Finish(sum01, w, x1, k, columns);
        if (last < 1) return;
        y0[1] = Finish(sum10, w + offset1, x0, k, columns);
        y1[1] = Finish(sum11, w + offset1, x1, k, columns);
        if (last < 2) return;
        y0[2] = Finish(sum20, w + offset2, x0, k, columns);
        y1[2] = Finish(sum21, w + offset2, x1, k, columns);
        if (last < 3) return;
        y0[3] = Finish(sum30, w + offset3, x0, k, columns);
        y1[3] = Finish(sum31, w + offset3, x1, k, columns);
    }

    /// <summary>The lanes' sum and the columns that fill no register.</summary>
    private static float Finish(TLanes lanes, float* w, float* x, long k, long columns)
    {
        float sum = TLanes.Sum(lanes);
        for (; k < columns; k++) sum += w[k] * x[k];
        return sum;
    }
}
