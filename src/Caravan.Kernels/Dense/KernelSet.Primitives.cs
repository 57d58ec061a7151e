using System.Runtime.CompilerServices;

namespace Caravan.Kernels;

internal sealed unsafe partial class KernelSet<TLanes>
{
    /// <summary>Σ a·b in float, lanes first and then across.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float Dot(float* a, float* b, long count)
    {
        TLanes sum0 = TLanes.Broadcast(0), sum1 = sum0;
        long i = 0;
        for (; i + (2 * TLanes.Count) <= count; i += 2 * TLanes.Count)
        {
            sum0 = TLanes.MultiplyAdd(TLanes.Load(a + i), TLanes.Load(b + i), sum0);
            sum1 = TLanes.MultiplyAdd(TLanes.Load(a + i + TLanes.Count), TLanes.Load(b + i + TLanes.Count), sum1);
        }

        for (; i + TLanes.Count <= count; i += TLanes.Count)
            sum0 = TLanes.MultiplyAdd(TLanes.Load(a + i), TLanes.Load(b + i), sum0);
        float sum = TLanes.Sum(sum0 + sum1);
        for (; i < count; i++) sum += a[i] * b[i];
        return sum;
    }

    /// <summary>y += factor · x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void AddScaled(float* y, float factor, float* x, long count)
    {
        TLanes scale = TLanes.Broadcast(factor);
        long i = 0;
        for (; i + TLanes.Count <= count; i += TLanes.Count)
            TLanes.Store(TLanes.MultiplyAdd(scale, TLanes.Load(x + i), TLanes.Load(y + i)), y + i);
        for (; i < count; i++) y[i] += factor * x[i];
    }

    /// <summary>y = factor · y.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Scale(float* y, float factor, long count)
    {
        TLanes scale = TLanes.Broadcast(factor);
        long i = 0;
        for (; i + TLanes.Count <= count; i += TLanes.Count) TLanes.Store(scale * TLanes.Load(y + i), y + i);
        for (; i < count; i++) y[i] *= factor;
    }

    /// <summary>The largest element; −∞ for none.</summary>
    private static float Max(float* x, long count)
    {
        float max = float.NegativeInfinity;
        long i = 0;
        if (count >= TLanes.Count)
        {
            TLanes lanes = TLanes.Load(x);
            for (i = TLanes.Count; i + TLanes.Count <= count; i += TLanes.Count) lanes = TLanes.Max(lanes, TLanes.Load(x + i));
            max = TLanes.MaxAcross(lanes);
        }

        for (; i < count; i++) max = MathF.Max(max, x[i]);
        return max;
    }

    /// <summary>y = exp(x − shift); returns Σ y.</summary>
    private static float ExpSum(float* x, float shift, float* y, long count)
    {
        TLanes offset = TLanes.Broadcast(shift), total = TLanes.Broadcast(0);
        long i = 0;
        for (; i + TLanes.Count <= count; i += TLanes.Count)
        {
            TLanes value = TLanes.Exp(TLanes.Load(x + i) - offset);
            TLanes.Store(value, y + i);
            total += value;
        }

        float sum = TLanes.Sum(total);
        for (; i < count; i++) sum += y[i] = MathF.Exp(x[i] - shift);
        return sum;
    }

    /// <summary>Σ x.</summary>
    private static float Sum(float* x, long count)
    {
        TLanes total = TLanes.Broadcast(0);
        long i = 0;
        for (; i + TLanes.Count <= count; i += TLanes.Count) total += TLanes.Load(x + i);
        float sum = TLanes.Sum(total);
        for (; i < count; i++) sum += x[i];
        return sum;
    }

    /// <summary>Applies a function of one value element by element; the tail runs through the same function one lane at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Map<TMap>(TMap map, float* a, float* b, float* y, long count)
        where TMap : struct, IMap
    {
        long i = 0;
        for (; i + TLanes.Count <= count; i += TLanes.Count) TLanes.Store(map.Apply(TLanes.Load(a + i), TLanes.Load(b + i)), y + i);
        for (; i < count; i++) Lanes1.Store(map.Apply(Lanes1.Load(a + i), Lanes1.Load(b + i)), y + i);
    }

    /// <summary>A function of two values, written once over the width.</summary>
    private interface IMap
    {
        T Apply<T>(T a, T b)
            where T : unmanaged, ILanes<T>;
    }
}
