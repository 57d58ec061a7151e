using System.Collections.Immutable;
using Caravan.Kernels;

namespace Caravan.Formats;

/// <summary>
/// A tensor to be written: what it is, and how its bytes are produced when its turn comes, so that a model need not be in memory as a whole.
/// </summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="DType">How its elements are stored.</param>
/// <param name="Shape">Dimensions, outermost first.</param>
/// <param name="Write">Writes exactly <see cref="Bytes"/> bytes, contiguous and row-major.</param>
internal sealed record TensorSource(string Name, DType DType, ImmutableArray<long> Shape, Action<Stream> Write)
{
    /// <summary>Bytes of the tensor.</summary>
    /// <exception cref="CaravanException">The elements do not fill whole blocks, or are more than 2^63.</exception>
    public long Bytes
    {
        get
        {
            try
            {
                return DType.Bytes(TensorShape.Elements(Shape.AsSpan()));
            }
            catch (OverflowException exception)
            {
                throw new CaravanException($"Tensor '{Name}' ({DType} [{string.Join(", ", Shape)}]) is too large to be stored.", exception);
            }
        }
    }

    /// <summary>A tensor of a checkpoint as it is; the checkpoint must stay open until it is written.</summary>
    /// <exception cref="CaravanException">Its type is not supported.</exception>
    public static TensorSource From(TensorEntry tensor) => From(tensor.Name, tensor.DType, tensor.Shape, tensor.Data);

    /// <summary>A tensor whose bytes lie in memory that stays valid until it is written.</summary>
    public static TensorSource From(string name, DType type, ImmutableArray<long> shape, NativeSpan<byte> data) =>
        new(name, type, shape, stream => Copy(data, stream));

    /// <summary>Writes the bytes, and makes sure that they are as many as announced.</summary>
    internal void WriteTo(OutputStream stream)
    {
        long before = stream.Position;
        Write(stream);
        if (stream.Position - before != Bytes)
            throw new InvalidOperationException($"The source of tensor '{Name}' wrote {stream.Position - before} bytes instead of {Bytes}.");
    }

    /// <summary>Fails when two tensors have one name.</summary>
    internal static void CheckNames(IReadOnlyList<TensorSource> tensors)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (TensorSource tensor in tensors)
            if (!names.Add(tensor.Name)) throw new CaravanException($"Two tensors are to be written under the name '{tensor.Name}'; names must differ.");
    }

    private static void Copy(NativeSpan<byte> data, Stream stream)
    {
        const int piece = 1 << 30;
        for (long start = 0; start < data.Length; start += piece)
            stream.Write(data.AsSpan(start, (int)Math.Min(piece, data.Length - start)));
    }
}
