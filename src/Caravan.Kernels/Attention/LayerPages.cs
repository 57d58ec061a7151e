namespace Caravan.Kernels;

/// <summary>
/// One layer's share of the pages of keys and values. A page holds <see cref="KernelSet.PageTokens"/> tokens, head after head; of each head the keys
/// lie feature by feature, 16 tokens side by side, and the values token by token. See <see cref="IPageFormat"/>.
/// </summary>
/// <param name="Type">How numbers are kept: F32, F16, Q8_0 or Q4_0.</param>
/// <param name="Keys">From the layer's keys of page 0 to the end of the pool.</param>
/// <param name="Values">From the layer's values of page 0 to the end of the pool.</param>
/// <param name="PageStride">Bytes from one page to the next.</param>
internal readonly record struct LayerPages(DType Type, NativeSpan<byte> Keys, NativeSpan<byte> Values, long PageStride)
{
    /// <summary>The types that pages can have.</summary>
    public static IReadOnlyList<DType> Types { get; } = [DType.F32, DType.F16, DType.Q8_0, DType.Q4_0];

    /// <summary>What is said about any other type.</summary>
    public static CaravanException Unknown(DType type) =>
        new($"Pages of keys and values cannot be {type}; expected {string.Join(", ", Types)}.");
}
