namespace Caravan.Kernels;

/// <summary>What happens to products of a query and keys before they are scaled and become weights.</summary>
internal static unsafe class AttentionScores<TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
{
    /// <summary>products[i] += the bias of key start + i for i in [from, to), where <paramref name="table"/> holds what <paramref name="row"/> says.</summary>
    public static void AddBias(float* products, float* table, in BiasRow row, int start, int from, int to)
    {
        if (from >= to) return;
        (int first, int end) = row.Inner(start, from, to);
        Add(products, table + row.Apart + start, from, first);
        Add(products, table + row.Inside + start, first, end);
        Add(products, table + row.Apart + start, end, to);
    }

    /// <summary>The other way round: adds gradients of products to those of the biases.</summary>
    public static void AddGradient(float* gradients, float* table, in BiasRow row, int start, int from, int to)
    {
        if (from >= to) return;
        (int first, int end) = row.Inner(start, from, to);
        Add(table + row.Apart + start, gradients, from, first);
        Add(table + row.Inside + start, gradients, first, end);
        Add(table + row.Apart + start, gradients, end, to);
    }

    private static void Add(float* y, float* x, int from, int to)
    {
        if (from < to) KernelSet<TLanes>.AddScaled(y + from, 1, x + from, to - from);
    }

    /// <summary>Makes scale · product into cap · tanh(scale · product / cap), and leaves it unscaled; columns are whole registers.</summary>
    public static void Cap(float* products, float scale, float cap, int columns)
    {
        TLanes down = TLanes.Broadcast(scale / cap), up = TLanes.Broadcast(cap / scale);
        for (int i = 0; i < columns; i += TLanes.Count) TLanes.Store(up * Tanh(down * TLanes.Load(products + i)), products + i);
    }

    /// <summary>1 − 2/(1 + e^(2x)).</summary>
    private static TLanes Tanh(TLanes x) =>
        TLanes.Broadcast(1) - (TLanes.Broadcast(2) / (TLanes.Broadcast(1) + TLanes.Exp(TLanes.Broadcast(2) * x)));
}
