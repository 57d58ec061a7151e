namespace Caravan.Kernels;

/// <summary>Sizes and groups of <see cref="DType"/>.</summary>
internal static class DTypeExtensions
{
    /// <summary>Elements per block: 1 for plain types, 32, 64 or 256 for block types.</summary>
    public static int BlockElements(this DType type) => type switch
    {
        DType.Q4_0 or DType.Q4_1 or DType.Q5_0 or DType.Q5_1 or DType.Q8_0 or DType.IQ4_NL => 32,
        DType.NF4 => 64,
        DType.Q2_K or DType.Q3_K or DType.Q4_K or DType.Q5_K or DType.Q6_K or DType.IQ4_XS => 256,
        _ => 1,
    };

    /// <summary>Bytes per block (per element for plain types).</summary>
    public static int BlockBytes(this DType type) => type switch
    {
        DType.I8 or DType.U8 or DType.Bool => 1,
        DType.F16 or DType.BF16 or DType.I16 => 2,
        DType.F32 or DType.I32 => 4,
        DType.F64 or DType.I64 => 8,
        DType.Q4_0 or DType.IQ4_NL => 18,
        DType.Q4_1 => 20,
        DType.Q5_0 => 22,
        DType.Q5_1 => 24,
        DType.Q8_0 => 34,
        DType.NF4 => 36,
        DType.Q2_K => 84,
        DType.Q3_K => 110,
        DType.IQ4_XS => 136,
        DType.Q4_K => 144,
        DType.Q5_K => 176,
        DType.Q6_K => 210,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
    };

    /// <summary>True for types that hold several elements in one block with shared scales.</summary>
    public static bool IsQuantized(this DType type) => type.BlockElements() > 1;

    /// <summary>True for types that hold real numbers: plain floats and every block type.</summary>
    public static bool IsReal(this DType type) => type is DType.F32 or DType.F16 or DType.BF16 or DType.F64 || type.IsQuantized();

    /// <summary>Bytes of <paramref name="elements"/> elements; throws unless they fill whole blocks and the size fits 63 bits.</summary>
    public static long Bytes(this DType type, long elements)
    {
        int block = type.BlockElements();
        if (elements < 0 || elements % block != 0)
            throw new CaravanException($"{elements} elements do not fill whole {type} blocks of {block}.");
        return checked(elements / block * type.BlockBytes());
    }
}
