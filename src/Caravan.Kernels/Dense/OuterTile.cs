using System.Runtime.CompilerServices;

namespace Caravan.Kernels;

/// <summary>
/// A tile of c = aᵀ · b + addends, with a and b packed so that every step reads <see cref="Rows"/> and <see cref="Columns"/> floats that lie
/// side by side: each value of a meets two registers of b. The sums stay in registers over all steps.
/// </summary>
internal static unsafe class OuterTile<TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
{
    private const int HalfRows = 6;

    /// <summary>Steps ahead of the sums that are asked for: 2 KB of b, so that the next page's first lines do not come late.</summary>
    private const int StepsAhead = 16;

    /// <summary>Rows of a tile: 12 where there are 32 registers, else 6.</summary>
    internal static int Rows
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TLanes.Count == 16 ? 2 * HalfRows : HalfRows;
    }

    /// <summary>Columns of a tile.</summary>
    internal static int Columns
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 2 * TLanes.Count;
    }

    /// <summary>c[r, :] = Σ a[t, r] · b[t, :], then plus each addend in turn.</summary>
    /// <param name="a">[steps, Rows].</param>
    /// <param name="b">[steps, Columns].</param>
    /// <param name="steps">Terms of the sums.</param>
    /// <param name="rows">Rows that matter, at most Rows; others may or may not be computed.</param>
    /// <param name="addends">Tiles like c.</param>
    /// <param name="c">[Rows, Columns]; may be the last addend.</param>
    /// <param name="stride">Floats from row to row of c.</param>
    public static void Multiply(float* a, float* b, long steps, long rows, Addends addends, float* c, long stride)
    {
        if (Rows == HalfRows) Multiply<One>(a, b, steps, addends, c, stride);
        else if (rows <= HalfRows) Multiply<One>(a, b, steps, addends, c, stride);
        else Multiply<Two>(a, b, steps, addends, c, stride);
    }

    private static void Multiply<THalves>(float* a, float* b, long steps, Addends addends, float* c, long stride)
        where THalves : struct, IRowCount
    {
        Half upper = default, lower = default;
        for (long t = 0; t < steps; t++, a += Rows, b += Columns)
        {
            Cpu.Prefetch(a + (StepsAhead * Rows));
            Cpu.Prefetch(b + (StepsAhead * Columns));
            Cpu.Prefetch(b + (StepsAhead * Columns) + TLanes.Count);
            TLanes b0 = TLanes.Load(b), b1 = TLanes.Load(b + TLanes.Count);
            upper.MultiplyAdd(a, b0, b1);
            if (THalves.Count > 1) lower.MultiplyAdd(a + HalfRows, b0, b1);
        }

        float* addend = addends.First;
        for (int i = 0; i < addends.Count; i++, addend += addends.Distance)
        {
            upper.Add(addend, addends.Stride);
            if (THalves.Count > 1) lower.Add(addend + (HalfRows * addends.Stride), addends.Stride);
        }

        upper.Store(c, stride);
        if (THalves.Count > 1) lower.Store(c + (HalfRows * stride), stride);
    }

    /// <summary>Tiles to add: Count of them, Distance floats apart, their rows Stride floats apart.</summary>
    internal readonly struct Addends(float* first, int count, long distance, long stride)
    {
        public float* First { get; } = first;

        public int Count { get; } = count;

        public long Distance { get; } = distance;

        public long Stride { get; } = stride;
    }

    /// <summary>The sums of six rows.</summary>
    private struct Half
    {
        private TLanes s00, s01, s10, s11, s20, s21, s30, s31, s40, s41, s50, s51;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void MultiplyAdd(float* a, TLanes b0, TLanes b1)
        {
            TLanes factor = TLanes.Broadcast(a[0]);
            TLanes.AddProduct(ref s00, factor, b0);
            TLanes.AddProduct(ref s01, factor, b1);
            factor = TLanes.Broadcast(a[1]);
            TLanes.AddProduct(ref s10, factor, b0);
            TLanes.AddProduct(ref s11, factor, b1);
            factor = TLanes.Broadcast(a[2]);
            TLanes.AddProduct(ref s20, factor, b0);
            TLanes.AddProduct(ref s21, factor, b1);
            factor = TLanes.Broadcast(a[3]);
            TLanes.AddProduct(ref s30, factor, b0);
            TLanes.AddProduct(ref s31, factor, b1);
            factor = TLanes.Broadcast(a[4]);
            TLanes.AddProduct(ref s40, factor, b0);
            TLanes.AddProduct(ref s41, factor, b1);
            factor = TLanes.Broadcast(a[5]);
            TLanes.AddProduct(ref s50, factor, b0);
            TLanes.AddProduct(ref s51, factor, b1);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(float* tile, long stride)
        {
            Add(ref s00, ref s01, tile);
            Add(ref s10, ref s11, tile + stride);
            Add(ref s20, ref s21, tile + (2 * stride));
            Add(ref s30, ref s31, tile + (3 * stride));
            Add(ref s40, ref s41, tile + (4 * stride));
            Add(ref s50, ref s51, tile + (5 * stride));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Store(float* tile, long stride)
        {
            Store(s00, s01, tile);
            Store(s10, s11, tile + stride);
            Store(s20, s21, tile + (2 * stride));
            Store(s30, s31, tile + (3 * stride));
            Store(s40, s41, tile + (4 * stride));
            Store(s50, s51, tile + (5 * stride));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Add(ref TLanes first, ref TLanes second, float* tile)
        {
            first = TLanes.Load(tile) + first;
            second = TLanes.Load(tile + TLanes.Count) + second;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Store(TLanes first, TLanes second, float* tile)
        {
            TLanes.Store(first, tile);
            TLanes.Store(second, tile + TLanes.Count);
        }
    }
}
