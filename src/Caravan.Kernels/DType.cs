namespace Caravan.Kernels;

/// <summary>How the elements of a tensor are stored. Block types hold a fixed number of elements in a fixed number of bytes.</summary>
public enum DType
{
    /// <summary>IEEE 754 binary32.</summary>
    F32,

    /// <summary>IEEE 754 binary16.</summary>
    F16,

    /// <summary>The upper half of an IEEE 754 binary32.</summary>
    BF16,

    /// <summary>IEEE 754 binary64.</summary>
    F64,

    /// <summary>Signed 8-bit integer.</summary>
    I8,

    /// <summary>Signed 16-bit integer.</summary>
    I16,

    /// <summary>Signed 32-bit integer.</summary>
    I32,

    /// <summary>Signed 64-bit integer.</summary>
    I64,

    /// <summary>Unsigned 8-bit integer.</summary>
    U8,

    /// <summary>One byte, 0 or 1.</summary>
    Bool,

    /// <summary>Blocks of 32: one half scale, 4-bit codes around 8.</summary>
    Q4_0,

    /// <summary>Blocks of 32: half scale and minimum, 4-bit codes.</summary>
    Q4_1,

    /// <summary>Blocks of 32: one half scale, 5-bit codes around 16.</summary>
    Q5_0,

    /// <summary>Blocks of 32: half scale and minimum, 5-bit codes.</summary>
    Q5_1,

    /// <summary>Blocks of 32: one half scale, signed 8-bit codes.</summary>
    Q8_0,

    /// <summary>Super-blocks of 256: 16 sub-blocks of 16 with 4-bit scales and minima, 2-bit codes.</summary>
    Q2_K,

    /// <summary>Super-blocks of 256: 16 sub-blocks of 16 with 6-bit scales, 3-bit codes.</summary>
    Q3_K,

    /// <summary>Super-blocks of 256: 8 sub-blocks of 32 with 6-bit scales and minima, 4-bit codes.</summary>
    Q4_K,

    /// <summary>Super-blocks of 256: 8 sub-blocks of 32 with 6-bit scales and minima, 5-bit codes.</summary>
    Q5_K,

    /// <summary>Super-blocks of 256: 16 sub-blocks of 16 with 8-bit scales, 6-bit codes.</summary>
    Q6_K,

    /// <summary>Blocks of 32: one half scale, 4-bit numbers of unevenly spaced values.</summary>
    IQ4_NL,

    /// <summary>Super-blocks of 256: 8 sub-blocks of 32 with 6-bit scales, 4-bit numbers of unevenly spaced values.</summary>
    IQ4_XS,

    /// <summary>Blocks of 64: one scale in single precision, 4-bit numbers of quantiles of a normal distribution.</summary>
    NF4,
}
