namespace Caravan.Kernels;

/// <summary>How activations meet quantized weights.</summary>
public enum ActivationPrecision
{
    /// <summary>Weights are decoded and multiplied in float: what comparisons use, and training unless it is told otherwise.</summary>
    Exact,

    /// <summary>
    /// Activations are rounded to 8 bits, 32 at a time, and multiplied with the codes of the weights as integers: several times faster, with
    /// an error of at most half a step (largest magnitude / 254) per activation. Weights that are not quantized stay exact.
    /// </summary>
    Int8,
}
