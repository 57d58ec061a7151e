using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

/// <summary>
/// How 256 columns of a block type (one super-block, or eight blocks of 32) become integers in 512-bit registers:
/// value[i] = scale[i/16] · code[i] + offset[i/16]. This is all that a type must bring to take part in integer products with AVX-512.
/// Pointers need no alignment, and nothing outside the 256 columns is read.
/// </summary>
internal unsafe interface IUnpack512 : IBlockFormat
{
    /// <summary>Bits of a code: at most 6 for unsigned codes; 8 means signed bytes.</summary>
    static abstract int CodeBits { get; }

    /// <summary>16 or 32: columns that share scale and offset.</summary>
    static abstract int GroupColumns { get; }

    /// <summary>The scales of 16 groups of 16 columns.</summary>
    static abstract Vector512<float> Scales512(byte* blocks);

    /// <summary>The offsets of 16 groups of 16 columns; not asked for where codes are signed.</summary>
    static abstract Vector512<float> Offsets512(byte* blocks, Vector512<float> scales);

    /// <summary>The codes of 64 columns in order, quarter 0 to 3 of the 256.</summary>
    static abstract Vector512<byte> Codes512(byte* blocks, int quarter);
}
