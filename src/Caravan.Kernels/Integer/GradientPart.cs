namespace Caravan.Kernels;

/// <summary>Weights that gradients go back through in integers, and where they go.</summary>
internal unsafe struct GradientPart
{
    /// <summary>[outputs, columns] in blocks.</summary>
    public byte* Weights;
    public long RowBytes;
    public long Columns;

    /// <summary>[rows, columns].</summary>
    public float* GradientX;

    /// <summary>Whether gradientX is set instead of added to.</summary>
    public bool Assign;

    /// <summary>The columns from start to end, counted in panels, with scratch of the thread's own.</summary>
    public delegate*<in GradientPart, in ChunkedRows, long, long, float*, void> Multiply;
}
