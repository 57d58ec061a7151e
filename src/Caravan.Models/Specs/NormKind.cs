namespace Caravan.Models;

/// <summary>How rows are normalised.</summary>
internal enum NormKind
{
    /// <summary>Divided by the root of the mean square (Zhang and Sennrich 2019).</summary>
    Rms,

    /// <summary>Mean subtracted, divided by the standard deviation (Ba, Kiros and Hinton 2016).</summary>
    Layer,
}
