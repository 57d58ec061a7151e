using System.Collections.Immutable;
using Caravan.Formats;
using Caravan.Kernels;

namespace Caravan.Weights;

/// <summary>A tensor of the target: where it comes from and what becomes of it.</summary>
/// <param name="Name">Its name in the target.</param>
/// <param name="Parts">The source's tensors that it holds, one after the other and of the same shape; more than one for stacked experts.</param>
/// <param name="Type">Its type in the target.</param>
/// <param name="Stacked">Whether the parts are stacked along a dimension of their own.</param>
/// <param name="Order">The order of its rows where it changes; null keeps it.</param>
internal sealed record PlannedTensor(string Name, ImmutableArray<TensorEntry> Parts, DType Type, bool Stacked = false, RowOrder? Order = null)
{
    /// <summary>For each part how much each column matters to the encoder, null for equally; empty for equally in all parts.</summary>
    public ImmutableArray<float[]?> Importance { get; init; } = [];

    /// <summary>Whether it becomes a block type that some of it was not.</summary>
    public bool IsReencoded => Type.IsQuantized() && Parts.Any(part => part.DType != Type);

    /// <summary>Dimensions: the parts', behind their number where they are stacked.</summary>
    public ImmutableArray<long> Shape => Stacked ? [Parts.Length, .. Parts[0].Shape] : Parts[0].Shape;

    /// <summary>Number of elements.</summary>
    public long Elements => Parts.Sum(part => part.Elements);

    /// <summary>Whether it is a vector.</summary>
    public bool IsVector => Shape.Length < 2;

    /// <summary>
    /// Elements per row. A vector is one row, except when its elements change places as the rows of its matrix do.
    /// </summary>
    public long Columns => IsVector ? Order is null ? Elements : 1 : Shape[^1];

    /// <summary>Number of rows of all parts.</summary>
    public long Rows => Elements / Columns;
}
