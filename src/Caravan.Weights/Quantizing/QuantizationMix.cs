using System.Collections.Immutable;
using Caravan.Kernels;

namespace Caravan.Weights;

/// <summary>
/// A choice of types for the tensors of a model: one for most of them, and more bits where llama.cpp's authors found that they pay: the head,
/// and in some layers the projection to values and the second one of the feed-forward block.
/// </summary>
public sealed record QuantizationMix
{
    internal QuantizationMix(string name, DType type, uint fileType, params ImmutableArray<MixRule> rules)
    {
        Name = name;
        Type = type;
        FileType = fileType;
        Rules = rules;
    }

    /// <summary>The name that is typed, such as <c>q4_k_m</c>.</summary>
    public string Name { get; }

    /// <summary>The type of most matrices.</summary>
    public DType Type { get; }

    /// <summary>Every mix, from the smallest to the largest.</summary>
    public static IReadOnlyList<QuantizationMix> All => QuantizationMixes.All;

    /// <summary>The number of <c>general.file_type</c>.</summary>
    internal uint FileType { get; }

    /// <summary>The exceptions; the first that covers a tensor decides.</summary>
    internal ImmutableArray<MixRule> Rules { get; private init; }

    /// <summary>The mix of a name, in capitals or not; a K type without suffix means its medium mix, as for llama-quantize.</summary>
    /// <exception cref="CaravanException">There is none of that name.</exception>
    public static QuantizationMix Parse(string name)
    {
        string[] meanings = [name, name + "_m"];
        foreach (string meaning in meanings)
            if (All.FirstOrDefault(mix => string.Equals(mix.Name, meaning, StringComparison.OrdinalIgnoreCase)) is { } found) return found;
        IEnumerable<string> names = All.Select(mix => mix.Name);
        throw new CaravanException($"'{name}' is no mix of quantized types; known are {string.Join(", ", names)}.{Suggestion.DidYouMean(name, names)}");
    }

    /// <summary>This mix without exceptions: every matrix has <see cref="Type"/> (as by llama-quantize --pure).</summary>
    public QuantizationMix Pure() => this with { Rules = [] };

    /// <summary>The same type for every matrix.</summary>
    internal static QuantizationMix Pure(DType type) => new(WeightTypes.NameOf(type), type, GgufFileTypes.Of(type));

    /// <summary>The type for a tensor.</summary>
    internal DType TypeOf(TensorRole role, int layer, MixModel model)
    {
        foreach (MixRule rule in Rules)
            if (rule.Covers(role, layer, model)) return rule.Type;
        return Type;
    }
}
