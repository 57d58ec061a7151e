using Caravan.Kernels;
using Caravan.Weights;

namespace Caravan.Cli;

/// <summary>How the weights of synthetic models can be stored: as any plain type, or in the mixes of <c>caravan quantize</c>, so that sizes compare.</summary>
internal static class SyntheticTypes
{
    /// <summary>All types.</summary>
    public static IReadOnlyList<QuantizationMix> All { get; } =
        [.. WeightTypes.Gguf.Where(type => !type.IsQuantized()).Select(QuantizationMix.Pure), .. QuantizationMix.All];

    /// <summary>The type of a name.</summary>
    /// <exception cref="UsageException">There is none of that name.</exception>
    public static QuantizationMix Parse(string name)
    {
        // As for llama-quantize, a K type without suffix means its medium mix.
        string[] meanings = [name, name + "_m"];
        IEnumerable<string> names = All.Select(type => type.Name);
        return meanings.Select(meaning => All.FirstOrDefault(type => string.Equals(type.Name, meaning, StringComparison.OrdinalIgnoreCase))).FirstOrDefault(type => type is not null)
            ?? throw new UsageException($"--type takes {string.Join(", ", names)}, not '{name}'.{Suggestion.DidYouMean(name, names)}");
    }
}
