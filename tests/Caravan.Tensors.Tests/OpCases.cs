namespace Caravan.Tensors.Tests;

/// <summary>The cases of every operator.</summary>
internal static class OpCases
{
    public static IReadOnlyList<OpCase> All { get; } =
    [
        .. AddCases.All(),
        .. AddLowRankCases.All(),
        .. AttentionCases.All(),
        .. CrossEntropyCases.All(),
        .. ElementCases.All(),
        .. EmbeddingCases.All(),
        .. GatedActivationCases.All(),
        .. GroupedLinearCases.All(),
        .. JoinCases.All(),
        .. LinearCases.All(),
        .. NormCases.All(),
        .. ObjectiveCases.All(),
        .. RecurrenceCases.All(),
        .. RopeCases.All(),
        .. RowCases.All(),
        .. RouteCases.All(),
        .. SoftmaxCases.All(),
        .. WeightedSumCases.All(),
    ];
}
