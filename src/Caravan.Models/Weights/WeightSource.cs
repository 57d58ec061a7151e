using System.Collections.Immutable;
using Caravan.Formats;
using Caravan.Kernels;

namespace Caravan.Models;

/// <summary>A weight in the checkpoint that holds it: the tensor, and which part of it, in which order.</summary>
/// <param name="Tensor">The tensor of the file, or the matrix of a stack.</param>
/// <param name="Rows">Which of its rows; null for all.</param>
/// <param name="Transposed">Whether rows and columns change places; <paramref name="Rows"/> counts after that.</param>
/// <param name="Map">What becomes of each element; null for nothing.</param>
internal sealed record WeightSource(TensorEntry Tensor, RowRuns? Rows, bool Transposed, ElementMap? Map)
{
    /// <summary>The weight's dimensions; those of 1 that some writers keep are left out.</summary>
    public ImmutableArray<long> Shape { get; } = ShapeOf(Tensor, Rows, Transposed);

    /// <summary>Whether its rows were divided by their lengths when they were written.</summary>
    public bool UnitRows { get; private init; }

    /// <summary>How its elements are stored.</summary>
    public DType DType => Tensor.DType;

    /// <summary>Number of elements.</summary>
    public long Elements => Shape.Aggregate(1L, (product, dimension) => product * dimension);

    /// <summary>Whether the weight lies in the file as a whole and in its order.</summary>
    public bool IsContiguous => !Transposed && Rows is null or { IsContiguous: true };

    /// <summary>The weight under a name of the checkpoint.</summary>
    public static WeightSource Of(TensorEntry entry, DiskName place, StackSpec? spec) =>
        new(place.Slice is { } slice ? entry.Slice(slice, place.PartsIn(spec)) : entry, place.RowsIn(spec), place.Stored.Transposed, place.Stored.Map)
        {
            UnitRows = place.Stored.UnitRows,
        };

    /// <summary>What about the tensor cannot hold such a weight; null when it can.</summary>
    public string? Flaw => Rows is { } rows && (Transposed ? Tensor.Shape[^1] : Tensor.Shape[0]) is var found && found != rows.DiskRows
        ? $"has {found} rows, where {rows.DiskRows} hold the weights that it should keep together"
        : null;

    /// <summary>The weight's bytes in the mapped file, where <see cref="IsContiguous"/>.</summary>
    public NativeSpan<byte> InFile => Cut(Tensor.Data);

    /// <summary>The weight's bytes where <see cref="IsContiguous"/>.</summary>
    /// <param name="data">The bytes of <see cref="Tensor"/>.</param>
    public NativeSpan<byte> Cut(NativeSpan<byte> data)
    {
        if (Rows is not { } rows) return data;
        long rowBytes = RowBytes(data);
        return data.Slice(rows.Start * rowBytes, rows.Rows * rowBytes);
    }

    /// <summary>Brings the weight's bytes together, in its order and its own type.</summary>
    /// <param name="data">The bytes of <see cref="Tensor"/>.</param>
    /// <param name="into">As many bytes as the weight takes.</param>
    public void Gather(NativeSpan<byte> data, NativeSpan<byte> into)
    {
        if (IsContiguous)
        {
            Cut(data).CopyTo(into);
            return;
        }

        if (Transposed)
        {
            Transposition.Copy(DType, data, Tensor.Shape[0], Tensor.Elements / Tensor.Shape[0], Rows, into);
            return;
        }

        RowRuns rows = Rows!.Value;
        long runBytes = RowBytes(data) * rows.Count, strideBytes = RowBytes(data) * rows.Stride, start = RowBytes(data) * rows.Start;
        for (long run = 0; run < rows.Runs; run++) data.Slice(start + (run * strideBytes), runBytes).CopyTo(into.Slice(run * runBytes, runBytes));
    }

    private long RowBytes(NativeSpan<byte> data) => data.Length / Tensor.Shape[0];

    private static ImmutableArray<long> ShapeOf(TensorEntry tensor, RowRuns? rows, bool transposed)
    {
        ImmutableArray<long> shape = [.. tensor.Shape.Where(dimension => dimension != 1)];
        if (shape.IsEmpty) shape = [1];
        if (transposed && shape.Length > 1) shape = [tensor.Elements / tensor.Shape[0], tensor.Shape[0]];
        return rows is { } some ? [some.Rows, .. shape[1..]] : shape;
    }
}
