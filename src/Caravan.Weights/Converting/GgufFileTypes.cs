using Caravan.Kernels;

namespace Caravan.Weights;

/// <summary>The numbers of <c>general.file_type</c>: what most of a file is stored as.</summary>
/// <remarks>Source: llama.cpp's <c>enum llama_ftype</c> (include/llama.h). A K type without suffix is its medium mix, as in llama-quantize's list of names.</remarks>
internal static class GgufFileTypes
{
    /// <summary>The number of a type.</summary>
    public static uint Of(DType type) => type switch
    {
        DType.F32 => 0,
        DType.F16 => 1,
        DType.Q4_0 => 2,
        DType.Q4_1 => 3,
        DType.Q8_0 => 7,
        DType.Q5_0 => 8,
        DType.Q5_1 => 9,
        DType.Q2_K => 10,
        DType.Q3_K => 12,
        DType.Q4_K => 15,
        DType.Q5_K => 17,
        DType.Q6_K => 18,
        DType.IQ4_NL => 25,
        DType.IQ4_XS => 30,
        DType.BF16 => 32,
        // No GGUF file has it.
        DType.NF4 => 0,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
    };
}
