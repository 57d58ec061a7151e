namespace Caravan.Kernels.Tests;

/// <summary>Calls the static members of a format by its dtype.</summary>
internal static unsafe class BlockFormats
{
    public static TheoryData<DType> All => [.. QuantFormats.All.Select(format => format.DType)];

    public static TheoryData<DType> Quantized => [.. QuantFormats.All.Select(format => format.DType).Where(type => type.IsQuantized())];

    public static void Decode(DType type, bool scalarly, byte* source, float* destination, long elements)
    {
        delegate*<byte*, float*, long, void> decode = type switch
        {
            DType.F32 => Of<F32>(scalarly),
            DType.F16 => Of<F16>(scalarly),
            DType.BF16 => Of<BF16>(scalarly),
            DType.F64 => Of<F64>(scalarly),
            DType.Q4_0 => Of<Q4_0>(scalarly),
            DType.Q4_1 => Of<Q4_1>(scalarly),
            DType.Q5_0 => Of<Q5_0>(scalarly),
            DType.Q5_1 => Of<Q5_1>(scalarly),
            DType.Q8_0 => Of<Q8_0>(scalarly),
            DType.Q2_K => Of<Q2K>(scalarly),
            DType.Q3_K => Of<Q3K>(scalarly),
            DType.Q4_K => Of<Q4K>(scalarly),
            DType.Q5_K => Of<Q5K>(scalarly),
            DType.Q6_K => Of<Q6K>(scalarly),
            DType.IQ4_NL => Of<IQ4_NL>(scalarly),
            DType.IQ4_XS => Of<IQ4_XS>(scalarly),
            DType.NF4 => Of<NF4>(scalarly),
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, "add the format here"),
        };
        decode(source, destination, elements);
    }

    private static delegate*<byte*, float*, long, void> Of<TBlock>(bool scalarly)
        where TBlock : struct, IBlockFormat =>
        scalarly ? &TBlock.DecodeScalar : &TBlock.Decode;
}
