using Caravan.Kernels;

namespace Caravan.Weights;

/// <summary>The types that weights are converted to, by the names people type: <c>f16</c>, <c>q4_k</c>.</summary>
public static class WeightTypes
{
    /// <summary>The types that a GGUF target takes.</summary>
    public static IReadOnlyList<DType> Gguf { get; } =
        [.. QuantFormats.All.Select(format => format.DType).Where(type => type is not (DType.F64 or DType.NF4))];

    /// <summary>The types that a Hugging Face folder takes.</summary>
    public static IReadOnlyList<DType> Safetensors { get; } = [DType.F32, DType.F16, DType.BF16, DType.NF4];

    /// <summary>The types of any target.</summary>
    internal static IReadOnlyList<DType> All { get; } = [.. Gguf, DType.NF4];

    /// <summary>The name of a type as it is typed: <c>q4_k</c>.</summary>
    public static string NameOf(DType type) => type.ToString().ToLowerInvariant();

    /// <summary>The type of a name, in capitals or not.</summary>
    /// <exception cref="CaravanException">There is none of that name.</exception>
    public static DType Parse(string name)
    {
        foreach (DType type in All)
            if (string.Equals(NameOf(type), name, StringComparison.OrdinalIgnoreCase)) return type;
        IEnumerable<string> names = All.Select(NameOf);
        throw new CaravanException($"'{name}' is no type of weights; known are {string.Join(", ", names)}.{Suggestion.DidYouMean(name, names)}{HintOf(name)}");
    }

    private static string HintOf(string name) =>
        QuantizationMix.All.Any(mix => string.Equals(mix.Name, name, StringComparison.OrdinalIgnoreCase)) ? " A mix of types is made by 'caravan quantize'." : "";

    /// <summary>The types of a format.</summary>
    internal static IReadOnlyList<DType> Of(ConvertFormat format) => format == ConvertFormat.Gguf ? Gguf : Safetensors;
}
