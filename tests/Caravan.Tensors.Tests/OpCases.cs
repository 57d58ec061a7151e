namespace Caravan.Tensors.Tests;

/// <summary>The cases of every operator.</summary>
internal static class OpCases
{
    public static IReadOnlyList<OpCase> All { get; } =
    [
        .. AddCases.All(),
        .. AttentionCases.All(),
        .. CrossEntropyCases.All(),
        .. EmbeddingCases.All(),
        .. GatedActivationCases.All(),
        .. LinearCases.All(),
        .. NormCases.All(),
        .. RopeCases.All(),
        .. SoftmaxCases.All(),
    ];
}
