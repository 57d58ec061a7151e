using System.Collections.Immutable;
using Caravan.Kernels;
using Caravan.Models;

namespace Caravan.Weights;

/// <summary>A tensor of the target: which weights it holds and what becomes of them.</summary>
/// <param name="Name">Its name in the target.</param>
/// <param name="Parts">Its weights, in their order.</param>
/// <param name="Type">Its type in the target.</param>
internal sealed record PlannedTensor(string Name, ImmutableArray<PlannedPart> Parts, DType Type)
{
    /// <summary>Whether the parts are stacked along a dimension of their own.</summary>
    public bool Stacked { get; init; }

    /// <summary>How many parts each matrix of a stack holds, one after the other; 1 where each is a part.</summary>
    public int PartsPerMatrix { get; init; } = 1;

    /// <summary>Whether the stack is one part below the other, without a dimension of its own.</summary>
    public bool Flat { get; init; }

    /// <summary>Whether each row is divided by its length.</summary>
    public bool UnitRows { get; init; }

    /// <summary>Whether it, or each part of a stack, is written as [inputs, outputs].</summary>
    public bool Transposed { get; init; }

    /// <summary>Where a dimension of 1 stands; null for nowhere.</summary>
    public int? UnitDimension { get; init; }

    /// <summary>How many dimensions of 1 stand before a vector's own; 0 for as many as there were.</summary>
    public int LeadingUnits { get; init; }

    /// <summary>What every element becomes on disk; null for itself.</summary>
    public ElementMap? Map { get; init; }

    /// <summary>Whether it becomes a block type that some of it was not.</summary>
    public bool IsReencoded => Type.IsQuantized() && Parts.Any(part => part.Source.DType != Type);

    /// <summary>Whether its parts take turns: then they have to be at hand together.</summary>
    public bool IsWoven => Parts.Any(part => part.Place.Runs > 1);

    /// <summary>Dimensions in the target.</summary>
    public ImmutableArray<long> Shape
    {
        get
        {
            ImmutableArray<long> part = Parts[0].Source.Shape;
            if (Stacked)
            {
                int matrices = Parts.Length / PartsPerMatrix;
                long rows = Parts.Take(PartsPerMatrix).Sum(piece => piece.Source.Shape[0]);
                ImmutableArray<long> each = Transposed ? [part[1], rows] : part.SetItem(0, rows);
                return Flat ? each.SetItem(0, matrices * each[0]) : [matrices, .. each];
            }

            if (LeadingUnits > 0) return [.. Enumerable.Repeat(1L, LeadingUnits), Elements];
            if (Parts.Length == 1 && Parts[0].IsWhole && !Transposed) return Parts[0].Source.Tensor.Shape;
            ImmutableArray<long> whole = [Parts.Sum(piece => piece.Source.Shape[0]), .. part[1..]];
            if (Transposed && whole.Length == 2) whole = [whole[1], whole[0]];
            return UnitDimension is { } place ? whole.Insert(place, 1) : whole;
        }
    }

    /// <summary>The matrices of a stack, each as a tensor of its own.</summary>
    public IEnumerable<PlannedTensor> Alone => PartsPerMatrix > 1
        ? Parts.Chunk(PartsPerMatrix).Select(parts => this with { Stacked = false, Parts = [.. parts] })
        : Parts.Select(part => this with { Stacked = false, Parts = [part with { Place = new RowRuns(0, part.Source.Shape[0], part.Source.Shape[0]) }] });

    /// <summary>Number of elements.</summary>
    public long Elements => Parts.Sum(part => part.Source.Elements);

    /// <summary>Whether it is a vector.</summary>
    public bool IsVector => Shape.Length < 2;

    /// <summary>Elements per row, before it is transposed. A vector is one row, except where its elements change places as the rows of a matrix do.</summary>
    public long Columns => Shape.Length >= 2 ? Transposed ? Shape[0] : Shape[^1] : Parts.Length > 1 || Parts.Any(part => part.Order is not null) ? 1 : Elements;

    /// <summary>Number of rows of all parts, before it is transposed.</summary>
    public long Rows => Elements / Columns;
}
