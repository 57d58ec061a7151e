namespace Caravan.Kernels;

/// <summary>
/// A type whose blocks of 32 begin with a scale in half precision, then perhaps a minimum, and hold 16 bytes of 4-bit codes, element i in the lower and
/// element i + 16 in the upper half of byte i: value = scale · code + minimum, which is −8 · scale where there is none.
/// </summary>
internal interface INibbles512 : IBlockFormat
{
    /// <summary>Whether a minimum follows the scale.</summary>
    static abstract bool HasMinimum { get; }

    /// <summary>Where in a block the codes are.</summary>
    static abstract int CodesAt { get; }
}
