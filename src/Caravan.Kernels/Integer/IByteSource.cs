using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

/// <summary>As <see cref="ITileSource"/> for 16 rows whose codes lie in memory as bytes, 64 for four columns.</summary>
internal unsafe interface IByteSource
{
    /// <summary>Bytes from four columns to the next four.</summary>
    static abstract int FourBytes { get; }

    /// <summary>The first four columns of a group, at a multiple of 32 bytes.</summary>
    byte* Codes(long group);

    /// <summary>The scales of a group.</summary>
    Vector512<float> Scales(long group);

    /// <summary>The offsets of a group.</summary>
    Vector512<float> Offsets(long group, Vector512<float> scales);
}
