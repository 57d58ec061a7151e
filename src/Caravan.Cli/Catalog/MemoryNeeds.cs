using Caravan.Kernels;
using Caravan.Weights;

namespace Caravan.Cli;

/// <summary>How much memory a model needs, computed from its number of parameters alone.</summary>
internal static class MemoryNeeds
{
    /// <summary>What is added to the weights for keys and values, activations and the program; an allowance, no measurement.</summary>
    public const double Allowance = 0.1;

    /// <summary>The types that a GGUF file takes, the widest first.</summary>
    public static IReadOnlyList<DType> Types { get; } = [.. WeightTypes.Gguf.OrderByDescending(BitsPerWeight)];

    /// <summary>Bits that a weight takes in a type, scales included.</summary>
    public static double BitsPerWeight(DType type) => 8.0 * type.BlockBytes() / type.BlockElements();

    /// <summary>Bytes for so many billions of parameters.</summary>
    public static double Bytes(double billions, DType type) => billions * 1e9 * BitsPerWeight(type) / 8 * (1 + Allowance);
}
