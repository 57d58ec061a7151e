using Caravan.Formats;
using Caravan.Kernels;
using Caravan.Tensors;

namespace Caravan.Models;

/// <summary>
/// Hands a checkpoint's tensors to the blocks of a model by canonical name, checks their shapes, and remembers which were taken.
/// Matrices stay where they are mapped, in their own type; vectors are small and become F32.
/// </summary>
internal sealed class WeightReader
{
    private readonly Checkpoint checkpoint;
    private readonly Family family;
    private readonly bool trainable;
    private readonly Dictionary<string, (TensorEntry Entry, int? Slice)> byName = new(StringComparer.Ordinal);
    private readonly List<Tensor> taken = [];
    private readonly List<Tensor> owned = [];
    private readonly List<MappedMatrix> matrices = [];
    private readonly HashSet<string> takenEntries = new(StringComparer.Ordinal);

    internal WeightReader(Checkpoint checkpoint, Family family, bool trainable)
    {
        this.checkpoint = checkpoint;
        this.family = family;
        this.trainable = trainable;
    }

    /// <summary>The tensors taken so far, in order, under their canonical names.</summary>
    internal IReadOnlyList<Tensor> Taken => taken;

    /// <summary>The tensors that hold memory of their own, for whoever disposes the model.</summary>
    internal IReadOnlyList<Tensor> Owned => owned;

    /// <summary>The matrices that lie where the file is mapped, in order.</summary>
    internal IReadOnlyList<MappedMatrix> Matrices => matrices;

    /// <summary>Names in the file that no block took; buffers that some writers save beside the weights are left out.</summary>
    internal IReadOnlyList<string> Untaken =>
        [.. checkpoint.Tensors.Keys.Where(name => !takenEntries.Contains(name) && !family.IsBuffer(name))];

    /// <summary>Whether the checkpoint has this weight.</summary>
    public bool Has(string name) => Find(name) is not null;

    /// <summary>The number of rows of a matrix; fails when it is missing.</summary>
    public int Rows(string name) => checked((int)Require(name).Entry.Shape[0]);

    /// <summary>A matrix in its own type, [rows, columns].</summary>
    /// <exception cref="CaravanException">It is missing, of another shape, or of a type that holds no real numbers.</exception>
    public Tensor Matrix(string name, long rows, long columns) => Matrix(name, [rows, columns]);

    /// <summary>The matrices of all experts, each [rows, columns], whether the file has them one by one or as a stack.</summary>
    /// <param name="name">With <c>{e}</c> for the number of the expert.</param>
    /// <param name="count">Number of experts.</param>
    /// <param name="rows">Of each.</param>
    /// <param name="columns">Of each.</param>
    /// <exception cref="CaravanException">One is missing, of another shape, or of a type that holds no real numbers.</exception>
    public Tensor[] Experts(string name, int count, long rows, long columns) =>
        [.. Enumerable.Range(0, count).Select(expert => Matrix(name.Replace(WeightName.ExpertMark, $"{expert}", StringComparison.Ordinal), [count, rows, columns]))];

    /// <summary>A vector as F32, [length].</summary>
    /// <exception cref="CaravanException">It is missing, of another shape, or of a type that holds no real numbers.</exception>
    public Tensor Vector(string name, long length)
    {
        TensorEntry entry = Require(name).Entry;
        RequireShape(entry, length);
        takenEntries.Add(entry.Name);
        return Add(name, entry.DType == DType.F32 && !trainable ? Mapped(entry, new Shape(length)) : Decoded(entry, new Shape(length)));
    }

    /// <summary>A vector's elements, for tables that become part of the configuration; null when it is missing.</summary>
    internal float[]? Elements(string name)
    {
        if (Find(name) is not ({ } entry, _)) return null;
        takenEntries.Add(entry.Name);
        using Tensor decoded = Tensor.Allocate(new Shape(entry.Elements));
        QuantFormats.Of(entry.DType).Decode(entry.Data, decoded.Floats);
        return decoded.Floats.AsSpan().ToArray();
    }

    /// <param name="name">Canonical name.</param>
    /// <param name="shape">Of the matrix, or of the stack that it may lie in.</param>
    private Tensor Matrix(string name, params ReadOnlySpan<long> shape)
    {
        (TensorEntry entry, int? slice) = Require(name);
        RequireShape(entry, slice is null ? shape[^2..] : shape);
        takenEntries.Add(entry.Name);
        TensorEntry own = slice is { } number ? entry.Slice(number) : entry;
        Shape matrix = new(shape[^2..]);
        if (trainable || entry.DType == DType.F64) return Add(name, Decoded(own, matrix));
        Tensor mapped = Add(name, Mapped(own, matrix));
        matrices.Add(new MappedMatrix(mapped, own));
        return mapped;
    }

    private Tensor Add(string name, Tensor tensor)
    {
        tensor.Name = name;
        tensor.RequiresGradient = trainable;
        taken.Add(tensor);
        return tensor;
    }

    private static Tensor Mapped(TensorEntry entry, Shape shape) => Tensor.View(shape, entry.DType, entry.Data);

    private Tensor Decoded(TensorEntry entry, Shape shape)
    {
        Tensor tensor = Tensor.Allocate(shape);
        owned.Add(tensor);
        QuantFormats.Of(entry.DType).Decode(entry.Data, tensor.Floats);
        return tensor;
    }

    private (TensorEntry Entry, int? Slice)? Find(string name)
    {
        if (byName.TryGetValue(name, out (TensorEntry, int?) known)) return known;
        foreach (DiskName candidate in family.NamesOnDisk(name, checkpoint.Metadata is not null))
        {
            if (!checkpoint.Tensors.TryGetValue(candidate.Name, out TensorEntry? entry)) continue;
            byName.Add(name, (entry, candidate.Slice));
            return (entry, candidate.Slice);
        }

        return null;
    }

    private (TensorEntry Entry, int? Slice) Require(string name)
    {
        if (Find(name) is { } place) return place;
        string expected = family.NamesOnDisk(name, checkpoint.Metadata is not null).First().Name;
        IReadOnlyList<string> nearest = Suggestion.Nearest(expected, checkpoint.Tensors.Keys);
        string hint = nearest.Count == 0 ? "it has no similar name" : $"the nearest names are {string.Join(", ", nearest.Select(n => $"'{n}'"))}";
        throw new CaravanException($"'{checkpoint.Path}' has no tensor '{expected}', which a {family.Name} model needs; {hint}.");
    }

    private void RequireShape(TensorEntry entry, params ReadOnlySpan<long> expected)
    {
        if (!entry.DType.IsReal())
            throw new CaravanException($"'{checkpoint.Path}': tensor '{entry.Name}' holds {entry.DType}, which are no weights.");
        if (entry.Shape.AsSpan().SequenceEqual(expected)) return;
        throw new CaravanException(
            $"'{checkpoint.Path}': tensor '{entry.Name}' has the shape {entry.ShapeText}, but the configuration asks for {new Shape(expected)}.");
    }
}
