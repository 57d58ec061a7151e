namespace Caravan.Kernels;

/// <summary>Where a row of activations lies, for weights in groups of 16 or 32 columns.</summary>
internal readonly unsafe struct PanelRow(in QuantizedRows x, long row, int groupColumns)
{
    /// <summary>Four codes each.</summary>
    public readonly int* Codes = (int*)x.Codes(row);

    public readonly float* Scales = x.Scales(row);

    /// <summary>One for each group.</summary>
    public readonly float* Sums = groupColumns == 16 ? x.Sums(row) : x.WideSums(row);
}
