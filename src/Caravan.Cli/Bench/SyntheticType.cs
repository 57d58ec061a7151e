using Caravan.Kernels;
using Caravan.Weights;

namespace Caravan.Cli;

/// <summary>Which type each matrix of a synthetic model is stored as: what llama.cpp's quantizer gives a file of that name, so that sizes compare.</summary>
/// <remarks>
/// Source: llama.cpp's <c>llama_tensor_get_type</c> (src/llama-quant.cpp). The smaller mixes (Q2_K, Q3_K_*, *_S) are not made: a plain K name
/// means that type for every matrix but the head.
/// </remarks>
/// <param name="Name">What is typed.</param>
/// <param name="Main">The type of most matrices.</param>
/// <param name="IsMix">Whether values and the MLP's outputs of some layers are Q6_K.</param>
internal sealed record SyntheticType(string Name, DType Main, bool IsMix)
{
    /// <summary>All types.</summary>
    public static IReadOnlyList<SyntheticType> All { get; } =
    [
        .. WeightTypes.Gguf.Select(type => new SyntheticType(WeightTypes.NameOf(type), type, IsMix: false)),
        new("q4_k_m", DType.Q4_K, IsMix: true),
        new("q5_k_m", DType.Q5_K, IsMix: true),
    ];

    /// <summary>The type of the head, the most sensitive matrix.</summary>
    public DType Head => Main.IsQuantized() && Main != DType.Q8_0 ? DType.Q6_K : Main;

    /// <summary>The type of a name.</summary>
    /// <exception cref="UsageException">There is none of that name.</exception>
    public static SyntheticType Parse(string name)
    {
        IEnumerable<string> names = All.Select(type => type.Name);
        return All.FirstOrDefault(type => string.Equals(type.Name, name, StringComparison.OrdinalIgnoreCase))
            ?? throw new UsageException($"--type takes {string.Join(", ", names)}, not '{name}'.{Suggestion.DidYouMean(name, names)}");
    }

    /// <summary>The type of a layer's value projection and of its MLP's output.</summary>
    public DType Sensitive(int layer, int layers) => IsMix && GetsMoreBits(layer, layers) ? DType.Q6_K : Main;

    /// <summary>The first and the last eighth of the layers, and every third between.</summary>
    private static bool GetsMoreBits(int layer, int layers) =>
        layer < layers / 8 || layer >= 7 * layers / 8 || (layer - (layers / 8)) % 3 == 2;
}
