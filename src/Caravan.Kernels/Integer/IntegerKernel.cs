namespace Caravan.Kernels;

/// <summary>The integer products of one block type with one instruction set.</summary>
internal sealed unsafe class IntegerKernel(
    delegate*<in IntegerPart, in QuantizedRows, long, long, float*, void> fewRows,
    delegate*<in IntegerPart, in QuantizedRows, long, long, float*, void> manyRows,
    int manyRowsFrom)
{
    /// <summary>The function for so many rows of activations.</summary>
    public delegate*<in IntegerPart, in QuantizedRows, long, long, float*, void> For(long rows) => rows < manyRowsFrom ? fewRows : manyRows;
}
