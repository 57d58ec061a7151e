using Caravan.Kernels;

namespace Caravan.Formats;

/// <summary>The element types of safetensors files.</summary>
/// <remarks>Source: the safetensors format documentation and its <c>Dtype</c> enumeration.</remarks>
internal static class SafetensorsTypes
{
    private static readonly SafetensorsType[] All =
    [
        new("F64", 64, DType.F64), new("F32", 32, DType.F32), new("F16", 16, DType.F16), new("BF16", 16, DType.BF16),
        new("I64", 64, DType.I64), new("I32", 32, DType.I32), new("I16", 16, DType.I16), new("I8", 8, DType.I8),
        new("U8", 8, DType.U8), new("BOOL", 8, DType.Bool),

        new("U64", 64, null), new("U32", 32, null), new("U16", 16, null), new("C64", 64, null),
        new("F8_E5M2", 8, null), new("F8_E4M3", 8, null), new("F8_E8M0", 8, null), new("F8_E4M3FNUZ", 8, null), new("F8_E5M2FNUZ", 8, null),
        new("F6_E2M3", 6, null), new("F6_E3M2", 6, null), new("F4", 4, null),
    ];

    private static readonly Dictionary<string, SafetensorsType> ByName = All.ToDictionary(type => type.Name, StringComparer.Ordinal);

    private static readonly Dictionary<DType, SafetensorsType> ByDType =
        All.Where(type => type.DType is not null).ToDictionary(type => type.DType!.Value);

    /// <summary>The type of a name; one of unknown size when safetensors does not define the name.</summary>
    public static SafetensorsType Of(string name) => ByName.GetValueOrDefault(name) ?? new SafetensorsType(name, 0, null);

    /// <summary>The type that stores a <see cref="DType"/>, or null when safetensors has none.</summary>
    public static SafetensorsType? Of(DType type) => ByDType.GetValueOrDefault(type);
}
