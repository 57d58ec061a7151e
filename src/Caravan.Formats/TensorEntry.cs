using System.Collections.Immutable;
using Caravan.Kernels;

namespace Caravan.Formats;

/// <summary>
/// One tensor of a checkpoint, in place in the mapped file. A tensor whose type Caravan cannot read is listed too (name, shape, size and
/// <see cref="TypeName"/>), so that a file can always be looked into; taking its <see cref="DType"/> or <see cref="Data"/> fails.
/// </summary>
/// <param name="Name">The name the file gives it.</param>
/// <param name="DType">How its elements are stored.</param>
/// <param name="Shape">Dimensions, outermost first (PyTorch order: a linear weight is <c>[out, in]</c>), whatever order the file uses.</param>
/// <param name="Data">Its bytes, contiguous and row-major; valid until the checkpoint is disposed.</param>
internal sealed record TensorEntry(string Name, DType DType, ImmutableArray<long> Shape, NativeSpan<byte> Data)
{
    private readonly string? unsupportedSentence;

    /// <summary>How its elements are stored.</summary>
    /// <exception cref="CaravanException">The type is not supported.</exception>
    public DType DType { get => Supported(field); init; } = DType;

    /// <summary>Its bytes, contiguous and row-major; valid until the checkpoint is disposed.</summary>
    /// <exception cref="CaravanException">The type is not supported.</exception>
    public NativeSpan<byte> Data { get => Supported(field); init; } = Data;

    /// <summary>Whether its type can be read.</summary>
    public bool IsSupported => unsupportedSentence is null;

    /// <summary>The type's name: that of <see cref="DType"/>, or the file's own name of an unsupported type such as <c>IQ2_XXS</c>.</summary>
    public string TypeName { get; private init; } = DType.ToString();

    /// <summary>Bytes it takes in the file.</summary>
    public long StoredBytes { get; private init; } = Data.Length;

    /// <summary>Number of elements: the product of the dimensions.</summary>
    public long Elements => Shape.Aggregate(1L, (product, dimension) => product * dimension);

    /// <summary>The shape as text, such as <c>[32000, 4096]</c>.</summary>
    public string ShapeText => $"[{string.Join(", ", Shape)}]";

    /// <summary>The tensor of the file that this one is cut from; null for those of the file.</summary>
    public TensorEntry? Stack { get; private init; }

    /// <summary>The place in <see cref="Stack"/>.</summary>
    public int Number { get; private init; }

    /// <summary>Into how many parts of several rows <see cref="Stack"/> was cut; null where its outermost dimension counts the parts.</summary>
    public int? Parts { get; private init; }

    /// <summary>One of the parts that are stacked along the outermost dimension, as a tensor of its own.</summary>
    /// <param name="number">Which part, from 0.</param>
    /// <param name="parts">How many equal parts the outermost dimension falls into; null where it counts them.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are not so many.</exception>
    public TensorEntry Slice(int number, int? parts = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Shape.Length, 2);
        long bytes = Data.Length / Math.Max(1, parts ?? Shape[0]);
        ImmutableArray<long> shape = parts is { } count ? Shape.SetItem(0, Shape[0] / count) : Shape[1..];
        return new TensorEntry($"{Name}[{number}]", DType, shape, Data.Slice(number * bytes, bytes)) { Stack = this, Number = number, Parts = parts };
    }

    /// <summary>Name, type and shape.</summary>
    public override string ToString() => $"{Name} {TypeName} {ShapeText}";

    /// <summary>A tensor that can be listed but not read; <paramref name="sentence"/> is what reading it fails with.</summary>
    internal static TensorEntry Unsupported(string name, string typeName, ImmutableArray<long> shape, long storedBytes, string sentence) =>
        new(name, sentence) { Shape = shape, TypeName = typeName, StoredBytes = storedBytes };

    private TensorEntry(string name, string sentence)
        : this(name, default, [], default) => unsupportedSentence = sentence;

    private T Supported<T>(T value) => unsupportedSentence is null ? value : throw new CaravanException(unsupportedSentence);
}
