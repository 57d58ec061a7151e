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
    private readonly DType trainedType;
    private readonly DType? frozenType;
    private readonly StartingWeights? starting;
    private readonly Dictionary<string, (TensorEntry Entry, DiskName Place)> byName = new(StringComparer.Ordinal);
    private readonly List<Tensor> taken = [];
    private readonly List<Tensor> owned = [];
    private readonly List<MappedMatrix> matrices = [];
    private readonly HashSet<string> takenEntries = new(StringComparer.Ordinal);
    private StackSpec? spec;

    internal WeightReader(Checkpoint checkpoint, Family family, ModelOptions options)
    {
        this.checkpoint = checkpoint;
        this.family = family;
        trainable = options.Trainable;
        trainedType = options.TrainedType;
        frozenType = options.FrozenType;
        starting = options.Starting;
    }

    /// <summary>The linear layers that adapters can change.</summary>
    public AdapterTable Adapters { get; } = new();

    /// <summary>Which adapters the rows of the stack that is being built pass through.</summary>
    public AdapterRows AdapterRows { get; set; } = new();

    /// <summary>Whether weights are to be trained.</summary>
    public bool Trainable => trainable;

    /// <summary>The tensors taken so far, in order, under their canonical names.</summary>
    internal IReadOnlyList<Tensor> Taken => taken;

    /// <summary>The tensors that hold memory of their own, for whoever disposes the model.</summary>
    internal IReadOnlyList<Tensor> Owned => owned;

    /// <summary>The matrices that lie where the file is mapped, in order.</summary>
    internal IReadOnlyList<MappedMatrix> Matrices => matrices;

    /// <summary>Names in the file that no block took; buffers that some writers save beside the weights are left out.</summary>
    internal IReadOnlyList<string> Untaken =>
        [.. checkpoint.Tensors.Keys.Where(name => !takenEntries.Contains(name) && !family.IsBuffer(name))];

    /// <summary>Says what the weights are for: from which rows of a tensor a weight is taken can depend on that.</summary>
    public void Describe(StackSpec described)
    {
        spec = described;
        if (starting is not null) starting.Layers = described.Layers.Length;
    }

    /// <summary>Whether the checkpoint has this weight.</summary>
    public bool Has(string name) => Find(name) is not null;

    /// <summary>The number of rows of a matrix; fails when it is missing. 0 where weights begin at random, since then the configuration must say it.</summary>
    public int Rows(string name) => starting is null ? checked((int)Require(name).Entry.Shape[0]) : 0;

    /// <summary>A matrix in its own type, [rows, columns].</summary>
    /// <exception cref="CaravanException">It is missing, of another shape, or of a type that holds no real numbers.</exception>
    public Tensor Matrix(string name, long rows, long columns) => Matrix(name, 1, rows, columns);

    /// <summary>The matrices of all experts, each [rows, columns], whether the file has them one by one or as a stack.</summary>
    /// <param name="name">With <c>{e}</c> for the number of the expert.</param>
    /// <param name="count">Number of experts.</param>
    /// <param name="rows">Of each.</param>
    /// <param name="columns">Of each.</param>
    /// <exception cref="CaravanException">One is missing, of another shape, or of a type that holds no real numbers.</exception>
    public Tensor[] Experts(string name, int count, long rows, long columns) =>
        [.. Enumerable.Range(0, count).Select(expert => Matrix(name.Replace(WeightName.ExpertMark, $"{expert}", StringComparison.Ordinal), count, rows, columns))];

    /// <summary>A small matrix, or several, that operators read element by element, as F32.</summary>
    /// <exception cref="CaravanException">It is missing, of another shape, or of a type that holds no real numbers.</exception>
    public Tensor Table(string name, params ReadOnlySpan<long> dimensions)
    {
        if (starting is not null) throw StartingWeights.Unknown(name);
        WeightSource source = Take(name, 1);
        Shape shape = new(dimensions);
        RequireShape(source, shape);
        return Add(name, Decoded(source, shape));
    }

    /// <summary>
    /// Rates of decay −e^w as F32, in place of the weights w that they are the logarithms of: for models that are not trained, which then need not compute
    /// them anew.
    /// </summary>
    /// <exception cref="CaravanException">It is missing, of another shape, or of a type that holds no real numbers.</exception>
    public Tensor Rates(string name, params ReadOnlySpan<long> dimensions)
    {
        if (starting is not null) throw StartingWeights.Unknown(name);
        WeightSource source = Take(name, 1);
        Shape shape = new(dimensions);
        RequireShape(source, shape);
        return Add(name, Decoded(source, shape, ElementMap.Rate));
    }

    /// <summary>A vector as F32, [length].</summary>
    /// <exception cref="CaravanException">It is missing, of another shape, or of a type that holds no real numbers.</exception>
    public Tensor Vector(string name, long length) => Vector(name, 1, length);

    /// <summary>A vector as F32 for each head, [length] each, whether the file has them one by one or as a stack.</summary>
    /// <param name="name">With <c>{e}</c> for the number of the head.</param>
    /// <param name="count">Number of heads.</param>
    /// <param name="length">Of each.</param>
    /// <exception cref="CaravanException">One is missing, of another shape, or of a type that holds no real numbers.</exception>
    public Tensor[] Vectors(string name, int count, long length) =>
        [.. Enumerable.Range(0, count).Select(head => Vector(name.Replace(WeightName.ExpertMark, $"{head}", StringComparison.Ordinal), count, length))];

    /// <summary>A matrix as F32 whose rows are divided by their lengths.</summary>
    /// <exception cref="CaravanException">It is missing, of another shape, or of a type that holds no real numbers.</exception>
    public Tensor UnitRows(string name, long rows, long columns)
    {
        WeightSource source = Take(name, 1);
        Shape shape = new(rows, columns);
        RequireShape(source, shape);
        Tensor tensor = Add(name, Decoded(source, shape));
        for (long row = 0; row < rows; row++)
        {
            Span<float> elements = tensor.Floats.AsSpan(row * columns, checked((int)columns));
            double squares = 0;
            foreach (float element in elements) squares += (double)element * element;
            if (squares == 0) continue;
            foreach (ref float element in elements) element = (float)(element / Math.Sqrt(squares));
        }

        return tensor;
    }

    /// <summary>A vector of one number that is no weight, [length] F32.</summary>
    public Tensor Constant(long length, float value)
    {
        Tensor tensor = Tensor.Allocate(new Shape(length));
        owned.Add(tensor);
        tensor.Floats.AsSpan().Fill(value);
        return tensor;
    }

    /// <summary>A vector's elements, for tables that become part of the configuration; null when it is missing.</summary>
    internal float[]? Elements(string name)
    {
        if (Find(name) is not var (entry, _)) return null;
        takenEntries.Add(entry.Name);
        using Tensor decoded = Tensor.Allocate(new Shape(entry.Elements));
        QuantFormats.Of(entry.DType).Decode(entry.Data, decoded.Floats);
        return decoded.Floats.AsSpan().ToArray();
    }

    private Tensor Vector(string name, int stacked, long length)
    {
        if (starting is not null) return Add(name, Owning(StartingWeights.Vector(name, length)));
        WeightSource source = Take(name, stacked);
        if (source.Elements != length) throw WrongShape(source, new Shape(length));
        bool mapped = source is { DType: DType.F32, IsContiguous: true, Map: null } && !trainable;
        return Add(name, mapped ? Tensor.View(new Shape(length), DType.F32, source.InFile) : Decoded(source, new Shape(length)));
    }

    private Tensor Matrix(string name, int stacked, long rows, long columns)
    {
        Shape shape = new(rows, columns);
        if (starting is not null) return Add(name, Trained(Owning(starting.Matrix(name, shape))));
        WeightSource source = Take(name, stacked);
        RequireShape(source, shape);
        if (trainable) return Add(name, Trained(Decoded(source, shape)));
        if (frozenType is { } type && Freezes(name, source, shape, type)) return Add(name, Encoded(Decoded(source, shape), type));
        if (source.DType == DType.F64 || source.Map is not null) return Add(name, Decoded(source, shape));
        if (!source.IsContiguous) return Add(name, Gathered(source, shape));
        Tensor mapped = Add(name, Tensor.View(shape, source.DType, source.InFile));
        matrices.Add(new MappedMatrix(mapped, source));
        return mapped;
    }

    private Tensor Owning(Tensor tensor)
    {
        owned.Add(tensor);
        return tensor;
    }

    /// <summary>A matrix in the type that it is trained in.</summary>
    private Tensor Trained(Tensor matrix) => trainedType == DType.F32 ? matrix : Encoded(matrix, trainedType);

    /// <summary>Whether a matrix is of a layer and can be in a block type.</summary>
    private static bool Freezes(string name, WeightSource source, Shape shape, DType type) =>
        WeightName.Parse(name).Layer is not null && !source.DType.IsQuantized() && shape.Columns % type.BlockElements() == 0;

    /// <summary>A matrix in another type, in place of the one in F32.</summary>
    private Tensor Encoded(Tensor matrix, DType type)
    {
        Tensor encoded = Owning(Tensor.Allocate(matrix.Shape, type));
        (long rows, long columns, int shares) = (matrix.Shape[0], matrix.Shape.Columns, Cpu.Cores);
        QuantFormat format = QuantFormats.Of(type);
        Parallel.For(0, shares, share =>
        {
            long first = share * rows / shares, count = ((share + 1) * rows / shares) - first;
            NativeSpan<byte> into = encoded.Bytes.Slice(type.Bytes(first * columns), type.Bytes(count * columns));
            if (count > 0) format.Encode(matrix.Floats.Slice(first * columns, count * columns), into, columns, firstRow: first);
        });
        owned.Remove(matrix);
        matrix.Dispose();
        return encoded;
    }

    private Tensor Add(string name, Tensor tensor)
    {
        tensor.Name = name;
        tensor.RequiresGradient = trainable;
        taken.Add(tensor);
        return tensor;
    }

    /// <summary>A copy of a weight whose rows lie apart in the file.</summary>
    private Tensor Gathered(WeightSource source, Shape shape)
    {
        Tensor tensor = Tensor.Allocate(shape, source.DType);
        owned.Add(tensor);
        source.Gather(source.Tensor.Data, tensor.Bytes);
        return tensor;
    }

    private Tensor Decoded(WeightSource source, Shape shape, Func<double, double>? function = null)
    {
        Tensor tensor = Tensor.Allocate(shape);
        owned.Add(tensor);
        QuantFormat format = QuantFormats.Of(source.DType);
        if (source.IsContiguous)
        {
            format.Decode(source.InFile, tensor.Floats);
        }
        else
        {
            using NativeBuffer gathered = new(source.DType.Bytes(source.Elements), clear: false);
            source.Gather(source.Tensor.Data, gathered.Bytes);
            format.Decode(gathered.Bytes, tensor.Floats);
        }

        if (source.Map is null && function is null) return tensor;
        foreach (ref float element in tensor.Floats.AsSpan())
        {
            double value = source.Map?.FromDisk(element) ?? element;
            element = (float)(function?.Invoke(value) ?? value);
        }

        return tensor;
    }

    /// <param name="name">Canonical name.</param>
    /// <param name="stacked">How many matrices a stack of them has.</param>
    private WeightSource Take(string name, int stacked)
    {
        (TensorEntry entry, DiskName place) = Require(name);
        if (!entry.DType.IsReal())
            throw new CaravanException($"'{checkpoint.Path}': tensor '{entry.Name}' holds {entry.DType}, which are no weights.");
        if (place.Slice is not null && (place.Stored.Flat ? entry.Shape[0] % stacked != 0 : entry.Shape[0] != stacked))
            throw new CaravanException($"'{checkpoint.Path}': tensor '{entry.Name}' of the shape {entry.ShapeText} is not the stack of {stacked} that the configuration asks for.");
        takenEntries.Add(entry.Name);
        WeightSource source = WeightSource.Of(entry, place, spec);
        return source.Flaw is null ? source : throw new CaravanException($"'{checkpoint.Path}': tensor '{entry.Name}' of the shape {entry.ShapeText} {source.Flaw}.");
    }

    private (TensorEntry Entry, DiskName Place)? Find(string name)
    {
        if (byName.TryGetValue(name, out (TensorEntry, DiskName) known)) return known;
        foreach (DiskName candidate in family.NamesOnDisk(name, checkpoint.Metadata is not null))
        {
            if (!checkpoint.Tensors.TryGetValue(candidate.Name, out TensorEntry? entry)) continue;
            byName.Add(name, (entry, candidate));
            return (entry, candidate);
        }

        return null;
    }

    private (TensorEntry Entry, DiskName Place) Require(string name)
    {
        if (Find(name) is { } place) return place;
        string expected = family.NamesOnDisk(name, checkpoint.Metadata is not null).First().Name;
        IReadOnlyList<string> nearest = Suggestion.Nearest(expected, checkpoint.Tensors.Keys);
        string hint = nearest.Count == 0 ? "it has no similar name" : $"the nearest names are {string.Join(", ", nearest.Select(n => $"'{n}'"))}";
        throw new CaravanException($"'{checkpoint.Path}' has no tensor '{expected}', which a {family.Name} model needs; {hint}.");
    }

    /// <summary>Dimensions of 1 do not count.</summary>
    private void RequireShape(WeightSource source, Shape expected)
    {
        // A convolution whose stride is its width is a matrix: its filters are rows.
        if (expected.Rank == 2 && source.Shape.Length > 2 && source.Shape[0] == expected[0] && source.Elements == expected.Elements) return;
        int at = 0;
        for (int i = 0; i < expected.Rank; i++)
        {
            if (expected[i] == 1) continue;
            if (at == source.Shape.Length || source.Shape[at++] != expected[i]) throw WrongShape(source, expected);
        }

        if (at < source.Shape.Length && source.Elements != expected.Elements) throw WrongShape(source, expected);
    }

    private CaravanException WrongShape(WeightSource source, Shape expected) => new(
        $"'{checkpoint.Path}': tensor '{source.Tensor.Name}' has the shape {source.Tensor.ShapeText}, but the configuration asks for {expected}.");
}
