using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

/// <summary>
/// Where a tile finds 32 rows of weights: an unpacked panel, or weights that were interleaved at load. A register of codes holds four columns
/// of 16 rows; a group of 16 or 32 columns has 4 or 8 such fours, of which number i and number i + half are given together, since interleaved
/// weights keep them in the lower and the upper bits of one register.
/// </summary>
internal interface ITileSource
{
    /// <summary>Fours i and i + half of a group, rows 0 to 15.</summary>
    (Vector512<byte> First, Vector512<byte> Second) Low(long group, int i);

    /// <summary>The same of rows 16 to 31.</summary>
    (Vector512<byte> First, Vector512<byte> Second) High(long group, int i);

    /// <summary>The scales of rows 0 to 15.</summary>
    Vector512<float> LowScales(long group);

    /// <summary>The scales of rows 16 to 31.</summary>
    Vector512<float> HighScales(long group);

    /// <summary>The offsets of rows 0 to 15.</summary>
    Vector512<float> LowOffsets(long group, Vector512<float> scales);

    /// <summary>The offsets of rows 16 to 31.</summary>
    Vector512<float> HighOffsets(long group, Vector512<float> scales);
}
