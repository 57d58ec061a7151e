namespace Caravan.Kernels;

/// <summary>What happens to products of a query and keys before they are scaled and become weights.</summary>
internal static unsafe class AttentionScores<TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
{
    /// <summary>products[i] += biases[i] for i in [from, to).</summary>
    public static void AddBias(float* products, float* biases, int from, int to)
    {
        if (from < to) KernelSet<TLanes>.AddScaled(products + from, 1, biases + from, to - from);
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
