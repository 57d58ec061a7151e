namespace Caravan.Kernels;

/// <summary>The format of every dtype that holds real numbers.</summary>
internal static class QuantFormats
{
    /// <summary>All formats, plain types first.</summary>
    public static IReadOnlyList<QuantFormat> All { get; } =
    [
        new QuantFormatOf<F32>(),
        new QuantFormatOf<F16>(),
        new QuantFormatOf<BF16>(),
        new QuantFormatOf<F64>(),
        new QuantFormatOf<Q4_0>(),
        new QuantFormatOf<Q4_1>(),
        new QuantFormatOf<Q5_0>(),
        new QuantFormatOf<Q5_1>(),
        new QuantFormatOf<Q8_0>(),
        new QuantFormatOf<Q2K>(),
        new QuantFormatOf<Q3K>(),
        new QuantFormatOf<Q4K>(),
        new QuantFormatOf<Q5K>(),
        new QuantFormatOf<Q6K>(),
        new QuantFormatOf<IQ4_NL>(),
        new QuantFormatOf<IQ4_XS>(),
        new QuantFormatOf<NF4>(),
    ];

    /// <summary>The format of <paramref name="type"/>.</summary>
    /// <exception cref="CaravanException">The dtype holds integers.</exception>
    public static QuantFormat Of(DType type)
    {
        foreach (QuantFormat format in All)
            if (format.DType == type) return format;
        throw new CaravanException(
            $"{type} holds no real numbers; expected one of {string.Join(", ", All.Select(format => format.DType))}.");
    }
}
