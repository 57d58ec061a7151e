namespace Caravan.Kernels;

/// <summary>The part of a sequence that a query is in, as biases see it.</summary>
/// <param name="First">The position of its first key.</param>
/// <param name="End">One past that of its last.</param>
/// <param name="Apart">Where in a head's biases those to keys of other parts begin, at the place of key 0.</param>
internal readonly record struct BiasPart(int First, int End, long Apart)
{
    /// <summary>A sequence that is one part.</summary>
    public static BiasPart Whole => new(0, int.MaxValue, 0);
}
