using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

/// <summary>A type whose blocks of 32 hold 16 bytes of 4-bit codes, element i in the lower and element i + 16 in the upper half of byte i.</summary>
internal unsafe interface INibbles512 : IBlockFormat
{
    /// <summary>Where in a block the codes are.</summary>
    static abstract int CodesAt { get; }

    /// <summary>What the 16 codes stand for in a block; zeros for a block of zero bytes.</summary>
    static abstract Vector512<float> Values(byte* block);
}
