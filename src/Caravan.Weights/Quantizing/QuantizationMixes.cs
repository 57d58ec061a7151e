using System.Collections.Immutable;
using Caravan.Kernels;
using static Caravan.Weights.LayerRange;
using static Caravan.Weights.MixCondition;
using static Caravan.Weights.TensorRole;

namespace Caravan.Weights;

/// <summary>The table of mixes.</summary>
/// <remarks>
/// Source: the choices of llama.cpp's llama-quantize (src/llama-quant.cpp) and its file types (include/llama.h).
/// </remarks>
internal static class QuantizationMixes
{
    private static readonly MixRule HeadOfSixBits = new(Head, DType.Q6_K);

    /// <summary>Rules of every mix of less than eight bits.</summary>
    private static readonly ImmutableArray<MixRule> KeysAndValuesBesideExperts =
        [new(AttentionKey, DType.Q8_0, When: EightExperts), new(AttentionValue, DType.Q8_0, When: EightExperts)];

    private static readonly ImmutableArray<MixRule> Usual = [HeadOfSixBits, .. KeysAndValuesBesideExperts];

    private static readonly ImmutableArray<MixRule> WithOutputBesideExperts = [.. Usual, new(AttentionOutput, DType.Q5_K, When: EightExperts)];

    public static IReadOnlyList<QuantizationMix> All { get; } =
    [
        new("q2_k", DType.Q2_K, 10, [.. WithOutputBesideExperts,
            new(AttentionValue, DType.Q5_K, When: EightyGroupedLayers),
            new(AttentionValue, DType.Q4_K, When: FourQueriesPerKey),
            new(AttentionValue, DType.Q3_K),
            new(AttentionOutput, DType.Q3_K),
            new(FeedForwardDown, DType.Q3_K)]),
        new("q3_k_s", DType.Q3_K, 11, [.. WithOutputBesideExperts,
            new(AttentionValue, DType.Q5_K, When: EightyGroupedLayers)]),
        new("q3_k_m", DType.Q3_K, 12, [.. WithOutputBesideExperts,
            new(AttentionValue, DType.Q5_K, When: EightyGroupedLayers),
            new(AttentionValue, DType.Q5_K, FirstTwo),
            new(AttentionValue, DType.Q4_K),
            new(AttentionOutput, DType.Q4_K),
            new(FeedForwardDown, DType.Q5_K, FirstSixteenth),
            new(FeedForwardDown, DType.Q4_K)]),
        new("q3_k_l", DType.Q3_K, 13, [.. Usual,
            new(AttentionOutput, DType.Q3_K, When: EightExperts),
            new(AttentionValue, DType.Q5_K),
            new(AttentionOutput, DType.Q5_K),
            new(FeedForwardDown, DType.Q5_K)]),
        new("iq4_xs", DType.IQ4_XS, 30, [.. WithOutputBesideExperts,
            new(AttentionValue, DType.Q5_K, When: FourQueriesPerKey),
            new(FeedForwardDown, DType.Q5_K, FirstEighth, WithoutImportance)]),
        new("iq4_nl", DType.IQ4_NL, 25, [.. WithOutputBesideExperts,
            new(AttentionValue, DType.Q5_K, When: FourQueriesPerKey),
            new(FeedForwardDown, DType.Q5_K, FirstEighth, WithoutImportance)]),
        new("q4_0", DType.Q4_0, 2, [.. Usual,
            new(FeedForwardDown, DType.Q4_1, FirstEighth, WithImportance)]),
        new("q4_k_s", DType.Q4_K, 14, [.. WithOutputBesideExperts,
            new(AttentionValue, DType.Q5_K, When: EightyGroupedLayers),
            new(AttentionValue, DType.Q5_K, FirstFour),
            new(FeedForwardDown, DType.Q5_K, FirstEighth)]),
        new("q4_k_m", DType.Q4_K, 15, [.. WithOutputBesideExperts,
            new(AttentionValue, DType.Q6_K, EndsAndEveryThird),
            new(AttentionValue, DType.Q5_K, When: EightyGroupedLayers),
            new(FeedForwardDown, DType.Q6_K, EndsAndEveryThird)]),
        new("q4_1", DType.Q4_1, 3, Usual),
        new("q5_0", DType.Q5_0, 8, [.. Usual,
            new(FeedForwardDown, DType.Q5_1, FirstEighth, WithImportance)]),
        new("q5_k_s", DType.Q5_K, 16, Usual),
        new("q5_k_m", DType.Q5_K, 17, [.. Usual,
            new(AttentionValue, DType.Q6_K, EndsAndEveryThird),
            new(FeedForwardDown, DType.Q6_K, EndsAndEveryThird)]),
        new("q5_1", DType.Q5_1, 9, Usual),
        new("q6_k", DType.Q6_K, 18, KeysAndValuesBesideExperts),
        new("q8_0", DType.Q8_0, 7),
    ];
}
