namespace Caravan.Tensors;

/// <summary>The dimensions of a tensor, outermost first; at most four. A scalar has rank 0 and one element.</summary>
internal readonly record struct Shape
{
    // Dimensions beyond the rank are 0, so that the default value, which is what new Shape() makes of a struct, is the scalar.
    private readonly long d0, d1, d2, d3;

    /// <summary>A shape of the given dimensions.</summary>
    public Shape(params ReadOnlySpan<long> dimensions)
    {
        if (dimensions.Length > 4) throw new ArgumentException($"A shape has at most 4 dimensions, not {dimensions.Length}.");
        Rank = dimensions.Length;
        d0 = dimensions.Length > 0 ? dimensions[0] : 0;
        d1 = dimensions.Length > 1 ? dimensions[1] : 0;
        d2 = dimensions.Length > 2 ? dimensions[2] : 0;
        d3 = dimensions.Length > 3 ? dimensions[3] : 0;
        if (d0 < 0 || d1 < 0 || d2 < 0 || d3 < 0) throw new ArgumentException($"The shape {this} has a negative dimension.");
    }

    /// <summary>Number of dimensions.</summary>
    public int Rank { get; }

    /// <summary>Product of the dimensions.</summary>
    /// <exception cref="OverflowException">It does not fit 63 bits.</exception>
    public long Elements => Rank switch
    {
        0 => 1,
        1 => d0,
        2 => checked(d0 * d1),
        3 => checked(d0 * d1 * d2),
        _ => checked(d0 * d1 * d2 * d3),
    };

    /// <summary>The innermost dimension: elements per row; 1 for a scalar.</summary>
    public long Columns => Rank == 0 ? 1 : this[Rank - 1];

    /// <summary>Product of all dimensions but the innermost.</summary>
    public long Rows => Columns == 0 ? 0 : Elements / Columns;

    /// <summary>Dimension <paramref name="axis"/>; negative axes count from the end.</summary>
    public long this[int axis] => (axis < 0 ? axis + Rank : axis) switch
    {
        0 when Rank > 0 => d0,
        1 when Rank > 1 => d1,
        2 when Rank > 2 => d2,
        3 when Rank > 3 => d3,
        _ => throw new ArgumentOutOfRangeException(nameof(axis), axis, $"The shape {this} has {Rank} dimensions."),
    };

    /// <summary>The same shape with another innermost dimension.</summary>
    public Shape WithColumns(long columns) => Rank switch
    {
        1 => new Shape(columns),
        2 => new Shape(d0, columns),
        3 => new Shape(d0, d1, columns),
        4 => new Shape(d0, d1, d2, columns),
        _ => throw new InvalidOperationException("A scalar has no columns."),
    };

    /// <summary>Such as <c>[12, 64]</c>.</summary>
    public override string ToString() => Rank switch
    {
        0 => "[]",
        1 => $"[{d0}]",
        2 => $"[{d0}, {d1}]",
        3 => $"[{d0}, {d1}, {d2}]",
        _ => $"[{d0}, {d1}, {d2}, {d3}]",
    };
}
