using System.Collections.Immutable;
using Caravan.Formats;
using Caravan.Kernels;

namespace Caravan.Weights;

/// <summary>A tensor of the target: where it comes from and what becomes of it.</summary>
/// <param name="Name">Its name in the target.</param>
/// <param name="Source">The source's tensor.</param>
/// <param name="Type">Its type in the target.</param>
/// <param name="Order">The order of its rows where it changes; null keeps it.</param>
internal sealed record PlannedTensor(string Name, TensorEntry Source, DType Type, RowOrder? Order = null)
{
    /// <summary>How much each column matters to the encoder; null for equally.</summary>
    public float[]? Importance { get; init; }

    /// <summary>Whether it becomes a block type that it was not.</summary>
    public bool IsReencoded => Type != Source.DType && Type.IsQuantized();

    /// <summary>Dimensions, the same as the source's.</summary>
    public ImmutableArray<long> Shape => Source.Shape;

    /// <summary>Whether it is a vector.</summary>
    public bool IsVector => Shape.Length < 2;

    /// <summary>
    /// Elements per row. A vector is one row, except when its elements change places as the rows of its matrix do.
    /// </summary>
    public long Columns => IsVector ? Order is null ? Source.Elements : 1 : Shape[^1];

    /// <summary>Number of rows.</summary>
    public long Rows => Source.Elements / Columns;
}
