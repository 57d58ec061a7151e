namespace Caravan.Kernels;

/// <summary>Weights that rows meet in integers, and where the sums go.</summary>
internal unsafe struct ChunkedPart
{
    /// <summary>[outputs, columns] in blocks.</summary>
    public byte* Weights;
    public long RowBytes;

    /// <summary>What is not summed over: columns on the way back, outputs on the way forward.</summary>
    public long Lanes;

    /// <summary>[rows, lanes].</summary>
    public float* Y;

    /// <summary>Whether y is set instead of added to.</summary>
    public bool Assign;

    /// <summary>Lanes that are one item of work.</summary>
    public int Width;

    /// <summary>The lanes from start to end, counted in items, with scratch of the thread's own.</summary>
    public delegate*<in ChunkedPart, in ChunkedRows, long, long, float*, void> Multiply;
}
