namespace Caravan.Kernels;

/// <summary>A matrix of weights inside a parallel region, with the kernel that reads its type.</summary>
internal unsafe struct IntegerPart
{
    public byte* Weights;
    public long RowBytes;
    public long Outputs;
    public float* Y;

    /// <summary>Computes the outputs from start to end for all rows, with scratch of the thread's own.</summary>
    public delegate*<in IntegerPart, in QuantizedRows, long, long, float*, void> Multiply;
}
