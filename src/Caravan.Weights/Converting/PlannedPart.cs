using Caravan.Models;

namespace Caravan.Weights;

/// <summary>A weight inside a tensor of the target.</summary>
/// <param name="Canonical">Its canonical name.</param>
/// <param name="Source">Where it comes from.</param>
/// <param name="Place">Its rows in the target.</param>
/// <param name="Order">The order of its rows where it changes; null keeps it.</param>
/// <param name="Importance">How much each column matters to the encoder; null for equally.</param>
internal sealed record PlannedPart(string Canonical, WeightSource Source, RowRuns Place, RowOrder? Order = null, float[]? Importance = null)
{
    /// <summary>Whether it is a tensor of the source, and nothing changes its place.</summary>
    public bool IsWhole => Source.Rows is null && !Source.Transposed && Source.Tensor.Stack is null;
}
