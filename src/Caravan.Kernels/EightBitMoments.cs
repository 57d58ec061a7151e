namespace Caravan.Kernels;

/// <summary>
/// The moments of AdamW in 8 bits. Each block of elements has a scale, its largest absolute value, and codes of <see cref="DynamicMap"/>. The second
/// moment is kept by its root: that spans half as many decades, so that what is small in a block does not become 0 long before the first moment does.
/// </summary>
/// <param name="FirstCodes">A code of <see cref="DynamicMap.Signed"/> for each element.</param>
/// <param name="FirstScales">One for each block.</param>
/// <param name="SecondCodes">A code of <see cref="DynamicMap.Unsigned"/> for each element.</param>
/// <param name="SecondScales">One for each block.</param>
/// <param name="Block">Elements of a block; the last one may have fewer.</param>
internal readonly record struct EightBitMoments(
    NativeSpan<byte> FirstCodes, NativeSpan<float> FirstScales, NativeSpan<byte> SecondCodes, NativeSpan<float> SecondScales, int Block);
