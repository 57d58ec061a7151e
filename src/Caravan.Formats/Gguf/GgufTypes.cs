using Caravan.Kernels;

namespace Caravan.Formats;

/// <summary>The tensor types of ggml.</summary>
/// <remarks>Source: ggml's <c>enum ggml_type</c> and the GGUF specification (ggml, docs/gguf.md).</remarks>
internal static class GgufTypes
{
    private static readonly GgufType[] All =
    [
        Known(0, DType.F32), Known(1, DType.F16), Known(30, DType.BF16), Known(28, DType.F64),
        Known(24, DType.I8), Known(25, DType.I16), Known(26, DType.I32), Known(27, DType.I64),
        Known(2, DType.Q4_0), Known(3, DType.Q4_1), Known(6, DType.Q5_0), Known(7, DType.Q5_1), Known(8, DType.Q8_0),
        Known(10, DType.Q2_K), Known(11, DType.Q3_K), Known(12, DType.Q4_K), Known(13, DType.Q5_K), Known(14, DType.Q6_K),
        Known(20, DType.IQ4_NL), Known(23, DType.IQ4_XS),

        new(9, "Q8_1", 32, 36, null), new(15, "Q8_K", 256, 292, null),
        new(16, "IQ2_XXS", 256, 66, null), new(17, "IQ2_XS", 256, 74, null), new(22, "IQ2_S", 256, 82, null),
        new(18, "IQ3_XXS", 256, 98, null), new(21, "IQ3_S", 256, 110, null),
        new(19, "IQ1_S", 256, 50, null), new(29, "IQ1_M", 256, 56, null),
        new(34, "TQ1_0", 256, 54, null), new(35, "TQ2_0", 256, 66, null),
        new(39, "MXFP4", 32, 17, null), new(40, "NVFP4", 64, 36, null), new(41, "Q1_0", 128, 18, null), new(42, "Q2_0", 0, 0, null),

        new(4, "Q4_2", 0, 0, null), new(5, "Q4_3", 0, 0, null),
        new(31, "Q4_0_4_4", 32, 18, null), new(32, "Q4_0_4_8", 32, 18, null), new(33, "Q4_0_8_8", 32, 18, null),
        new(36, "IQ4_NL_4_4", 32, 18, null), new(37, "IQ4_NL_4_8", 32, 18, null), new(38, "IQ4_NL_8_8", 32, 18, null),
    ];

    private static readonly Dictionary<uint, GgufType> ById = All.ToDictionary(type => type.Id);

    private static readonly Dictionary<DType, GgufType> ByDType =
        All.Where(type => type.DType is not null).ToDictionary(type => type.DType!.Value);

    /// <summary>The type of a number; one without name and size when ggml does not know the number.</summary>
    public static GgufType Of(uint id) => ById.GetValueOrDefault(id) ?? new GgufType(id, $"type {id}", 0, 0, null) { IsKnown = false };

    /// <summary>The type that stores a <see cref="DType"/>, or null when GGUF has none.</summary>
    public static GgufType? Of(DType type) => ByDType.GetValueOrDefault(type);

    private static GgufType Known(uint id, DType type) => new(id, type.ToString(), type.BlockElements(), type.BlockBytes(), type);
}
