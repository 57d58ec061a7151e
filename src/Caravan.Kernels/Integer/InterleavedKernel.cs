namespace Caravan.Kernels;

/// <summary>What interleaves weights of one block type, and the products of such weights.</summary>
internal sealed unsafe class InterleavedKernel(IntegerKernel products, delegate*<byte*, long, long, byte*, void> move)
{
    /// <summary>Rows that are moved together.</summary>
    internal const int Rows = 16;

    /// <summary>Columns that are moved together.</summary>
    internal const int Columns = QuantizedRows.StepColumns;

    /// <summary>Products of weights that <see cref="Move"/> has written.</summary>
    public IntegerKernel Products { get; } = products;

    /// <summary>Moves 16 rows: from, bytes of a row, columns, to.</summary>
    public delegate*<byte*, long, long, byte*, void> Move { get; } = move;
}
