using System.Buffers.Binary;
using Caravan.Kernels;

namespace Caravan.Formats;

/// <summary>One safetensors file, mapped and parsed.</summary>
/// <remarks>Source: the safetensors format documentation: header length (64-bit), JSON header, data without holes.</remarks>
internal sealed class SafetensorsFile : IDisposable
{
    /// <summary>Bytes of the header's length at the start of the file.</summary>
    public const int LengthBytes = sizeof(ulong);

    /// <summary>Longest header that the format allows.</summary>
    private const int LongestHeader = 100_000_000;

    private readonly MappedFile file;

    private SafetensorsFile(MappedFile file)
    {
        this.file = file;
        int header = HeaderLength(file);
        (List<SafetensorsInfo> infos, Annotations) = SafetensorsHeader.Parse(file.Bytes.AsSpan(LengthBytes, header), file.Path);
        NativeSpan<byte> data = file.Bytes.Slice(LengthBytes + header);
        Tensors = new OrderedDictionary<string, TensorEntry>(infos.Count, StringComparer.Ordinal);
        foreach (SafetensorsInfo info in infos)
        {
            CheckSize(info, data.Length);
            Tensors.Add(info.Name, Entry(info, data));
        }

        CheckPlaces(infos, data.Length);
    }

    /// <summary>The tensors, in header order.</summary>
    public OrderedDictionary<string, TensorEntry> Tensors { get; }

    /// <summary>The texts under <c>__metadata__</c>.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; }

    /// <summary>Whether the bytes begin as a safetensors file does: a plausible header length, then a JSON object.</summary>
    public static bool LooksLike(ReadOnlySpan<byte> start) =>
        start.Length > LengthBytes
        && BinaryPrimitives.ReadUInt64LittleEndian(start) is >= 2 and <= LongestHeader
        && start[LengthBytes] == (byte)'{';

    /// <summary>Maps and parses the file.</summary>
    /// <exception cref="CaravanException">It cannot be read or is not a sound safetensors file.</exception>
    public static SafetensorsFile Open(string path)
    {
        MappedFile file = MappedFile.Open(path);
        try
        {
            return new SafetensorsFile(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Unmaps the file.</summary>
    public void Dispose() => file.Dispose();

    private static int HeaderLength(MappedFile file)
    {
        long length = file.Bytes.Length;
        if (length < LengthBytes)
            throw new CaravanException($"'{file.Path}' is cut short: it has {length} bytes, and a safetensors file begins with 8 bytes of header length.");
        ulong header = BinaryPrimitives.ReadUInt64LittleEndian(file.Bytes.AsSpan(0, LengthBytes));
        if (header > LongestHeader)
        {
            throw new CaravanException(
                $"'{file.Path}' is not a sound safetensors file: its header claims {header} bytes; at most {LongestHeader} are allowed.");
        }

        if ((long)header > length - LengthBytes)
        {
            throw new CaravanException(
                $"'{file.Path}' is cut short: its header claims {header} bytes and {length - LengthBytes} are there; download or copy it again.");
        }

        return (int)header;
    }

    private void CheckSize(SafetensorsInfo info, long dataBytes)
    {
        if (info.End < info.Begin)
            throw new CaravanException($"'{file.Path}' is damaged: tensor '{info.Name}' ends at {info.End}, before it begins at {info.Begin}.");
        if (info.End > dataBytes)
        {
            throw new CaravanException(
                $"'{file.Path}' is cut short: tensor '{info.Name}' ends at byte {info.End} of the tensor data, " +
                $"which has {dataBytes} bytes; download or copy it again.");
        }

        if (info.Type.Bits == 0) return;
        Int128 expected;
        try
        {
            expected = ((Int128)TensorShape.Elements(info.Shape.AsSpan()) * info.Type.Bits + 7) / 8;
        }
        catch (OverflowException)
        {
            throw new CaravanException(
                $"'{file.Path}' is damaged: the dimensions of tensor '{info.Name}' multiply to more than 2^63; download or copy it again.");
        }

        if (expected != info.End - info.Begin)
        {
            throw new CaravanException(
                $"'{file.Path}' is damaged: tensor '{info.Name}' ({info.Type.Name} [{string.Join(", ", info.Shape)}]) needs {expected} bytes, " +
                $"and its data_offsets give it {info.End - info.Begin}.");
        }
    }

    private TensorEntry Entry(SafetensorsInfo info, NativeSpan<byte> data)
    {
        long bytes = info.End - info.Begin;
        if (info.Type.DType is { } type) return new TensorEntry(info.Name, type, info.Shape, data.Slice(info.Begin, bytes));
        string sentence =
            $"'{file.Path}': tensor '{info.Name}' is stored as {info.Type.Name}, which cannot be read here; use a checkpoint in F32, F16 or BF16.";
        return TensorEntry.Unsupported(info.Name, info.Type.Name, info.Shape, bytes, sentence);
    }

    /// <summary>The tensors must follow one another without overlaps or holes, to the end of the file.</summary>
    private void CheckPlaces(List<SafetensorsInfo> infos, long dataBytes)
    {
        long end = 0;
        foreach (SafetensorsInfo info in infos.OrderBy(info => info.Begin).ThenBy(info => info.End))
        {
            if (info.Begin != end)
            {
                throw new CaravanException(
                    $"'{file.Path}' is damaged: tensor '{info.Name}' begins at byte {info.Begin} of the tensor data and the one before it ends at {end}; " +
                    $"{(info.Begin < end ? "tensors may not overlap" : "no holes are allowed")}.");
            }

            end = info.End;
        }

        if (end != dataBytes)
            throw new CaravanException($"'{file.Path}' is damaged: {dataBytes - end} bytes follow its last tensor, which no tensor names.");
    }
}
