using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

/// <summary>
/// As <see cref="IUnpack512"/> in 256-bit registers (AVX2): value[i] = scale[i/16] · code[i] + offset[i/16] for 256 columns.
/// </summary>
internal unsafe interface IUnpack256 : IBlockFormat
{
    /// <summary>Bits of a code: at most 6 for unsigned codes; 8 means signed bytes.</summary>
    static abstract int CodeBits { get; }

    /// <summary>The scales of 8 groups of 16 columns, half 0 or 1 of the 256.</summary>
    static abstract Vector256<float> Scales256(byte* blocks, int half);

    /// <summary>The offsets of 8 groups of 16 columns; not asked for where codes are signed.</summary>
    static abstract Vector256<float> Offsets256(byte* blocks, Vector256<float> scales, int half);

    /// <summary>The codes of 32 columns in order, eighth 0 to 7 of the 256.</summary>
    static abstract Vector256<byte> Codes256(byte* blocks, int eighth);
}
