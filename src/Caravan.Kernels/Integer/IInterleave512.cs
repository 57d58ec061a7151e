using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

/// <summary>
/// How 16 rows of a block type lie side by side after <see cref="Interleaver512{TBlock}"/> has moved them, in as many bytes as before.
/// <code>
/// a unit of U columns of 16 rows
/// codes     for each group: 4 bits: register i holds four i in its lower and four i + half in its upper half-bytes
///                           6 bits: the same of the lower 4 bits, then a register with the upper 2 bits
///                           8 bits: a register for each four, sign bit flipped
/// halves    and the scales of groups, in the type's own order
/// </code>
/// Weights in this order need no transposing when they meet many activations, and their lanes are outputs when they meet few: every output
/// is summed in the same order however many rows of activations there are.
/// </summary>
internal unsafe interface IInterleave512 : IUnpack512
{
    /// <summary>Columns of a unit; divides 256.</summary>
    static abstract int UnitColumns { get; }

    /// <summary>Bytes that the codes of a group take in a unit.</summary>
    static abstract int GroupBytes { get; }

    /// <summary>Writes what a unit holds behind its codes; <paramref name="blocks"/> are the unit's blocks of the first of 16 rows.</summary>
    static abstract void InterleaveScales(byte* blocks, long rowBytes, byte* scales);

    /// <summary>The scales of 16 rows for group <paramref name="group"/> of a unit.</summary>
    static abstract Vector512<float> InterleavedScales(byte* scales, int group);

    /// <summary>The offsets of 16 rows; not asked for where codes are signed.</summary>
    static abstract Vector512<float> InterleavedOffsets(byte* scales, int group, Vector512<float> groupScales);
}
