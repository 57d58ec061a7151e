namespace Caravan.Kernels;

/// <summary>Where a row of activations lies, for kernels that take whole steps of 256 columns.</summary>
internal readonly unsafe struct ActivationRow(in QuantizedRows x, long row)
{
    public readonly sbyte* Codes = x.Codes(row);
    public readonly float* Scales = x.Scales(row);
    public readonly float* Sums = x.Sums(row);
}
