using System.Collections.Immutable;
using Caravan.Kernels;

namespace Caravan.Formats;

/// <summary>The tensor list of a GGUF file: read, checked against the file's size, and laid over its bytes.</summary>
internal static class GgufTensors
{
    /// <summary>Bytes of a tensor without name and dimensions: name length, dimension count, type, offset.</summary>
    public const int SmallestInfo = sizeof(ulong) + sizeof(uint) + sizeof(uint) + sizeof(ulong);

    private const int MostDimensions = 8;

    private readonly record struct Info(string Name, ImmutableArray<long> Shape, GgufType Type, ulong Offset, long Bytes);

    /// <summary>Reads <paramref name="count"/> tensors at the cursor; <paramref name="file"/> is the whole file.</summary>
    public static OrderedDictionary<string, TensorEntry> Read(ref GgufCursor cursor, int count, int alignment, NativeSpan<byte> file)
    {
        // Grown as tensors are found and not sized by the claim, which may still be a lie of a few gigabytes.
        List<Info> infos = [];
        HashSet<string> names = new(StringComparer.Ordinal);
        for (int i = 0; i < count; i++)
        {
            cursor.Where = $"the description of tensor {i + 1} of {count}";
            Info info = ReadInfo(ref cursor, alignment);
            if (!names.Add(info.Name)) throw new CaravanException($"'{cursor.Path}' is damaged: the tensor name '{info.Name}' occurs twice.");
            infos.Add(info);
        }

        long dataStart = (cursor.Position + (long)alignment - 1) / alignment * alignment;
        long dataBytes = Math.Max(0, file.Length - dataStart);
        long[] room = Room(cursor.Path, infos, dataBytes, file.Length);
        OrderedDictionary<string, TensorEntry> tensors = new(count, StringComparer.Ordinal);
        for (int i = 0; i < count; i++)
        {
            Info info = infos[i];
            tensors.Add(info.Name, info.Type.DType is { } type
                ? new TensorEntry(info.Name, type, info.Shape, info.Bytes == 0 ? default : file.Slice(dataStart + (long)info.Offset, info.Bytes))
                : Unsupported(cursor.Path, info, room[i]));
        }

        return tensors;
    }

    private static Info ReadInfo(ref GgufCursor cursor, int alignment)
    {
        string name = cursor.ReadName();
        cursor.Where = $"the description of tensor '{name}'";
        uint dimensions = cursor.Read<uint>();
        if (dimensions > MostDimensions)
            throw new CaravanException($"'{cursor.Path}' is damaged: tensor '{name}' has {dimensions} dimensions; at most {MostDimensions} were expected.");

        // GGUF lists the innermost dimension first.
        long[] shape = new long[dimensions];
        for (int i = shape.Length - 1; i >= 0; i--)
        {
            ulong dimension = cursor.Read<ulong>();
            if (dimension > long.MaxValue) throw TooLarge(cursor.Path, name);
            shape[i] = (long)dimension;
        }

        GgufType type = GgufTypes.Of(cursor.Read<uint>());
        ulong offset = cursor.Read<ulong>();
        if (offset % (ulong)alignment != 0)
        {
            throw new CaravanException(
                $"'{cursor.Path}' is damaged: tensor '{name}' begins at offset {offset}, which is not a multiple of the alignment {alignment}.");
        }

        return new Info(name, [.. shape], type, offset, Bytes(cursor.Path, name, shape, type));
    }

    /// <summary>Bytes of a tensor; 0 when the type's block size is not known.</summary>
    private static long Bytes(string path, string name, long[] shape, GgufType type)
    {
        try
        {
            long elements = TensorShape.Elements(shape);
            if (!type.HasSize) return 0;
            long row = shape.Length == 0 ? 1 : shape[^1];
            if (row % type.BlockElements != 0)
            {
                throw new CaravanException(
                    $"'{path}' is damaged: the rows of tensor '{name}' have {row} elements, " +
                    $"which do not fill whole {type.Name} blocks of {type.BlockElements}.");
            }

            return checked(elements / type.BlockElements * type.BlockBytes);
        }
        catch (OverflowException)
        {
            throw TooLarge(path, name);
        }
    }

    private static CaravanException TooLarge(string path, string name) =>
        new($"'{path}' is damaged: the dimensions of tensor '{name}' multiply to more than 2^63; download or copy it again.");

    /// <summary>
    /// Checks that every tensor lies inside the file and that none overlap.
    /// Returns each tensor's distance to the next one or to the end: the most that one of unknown size can take.
    /// </summary>
    private static long[] Room(string path, List<Info> infos, long dataBytes, long fileBytes)
    {
        int[] order = [.. Enumerable.Range(0, infos.Count).Where(i => infos[i].Bytes > 0 || !infos[i].Type.HasSize)];
        Array.Sort(order, (a, b) => infos[a].Offset != infos[b].Offset
            ? infos[a].Offset.CompareTo(infos[b].Offset)
            : infos[a].Bytes.CompareTo(infos[b].Bytes));
        long[] room = new long[infos.Count];
        for (int i = 0; i < order.Length; i++)
        {
            Info info = infos[order[i]];
            if (info.Offset > (ulong)dataBytes || info.Bytes > dataBytes - (long)info.Offset)
            {
                throw new CaravanException(
                    $"'{path}' is cut short: tensor '{info.Name}' needs {info.Bytes} bytes at offset {info.Offset} of the tensor data, " +
                    $"which has {dataBytes} bytes (the file has {fileBytes}); download or copy it again.");
            }

            Info? next = i + 1 < order.Length ? infos[order[i + 1]] : null;
            ulong end = Math.Min(next?.Offset ?? ulong.MaxValue, (ulong)dataBytes);
            room[order[i]] = (long)(end - info.Offset);
            if (info.Bytes > room[order[i]])
            {
                throw new CaravanException(
                    $"'{path}' is damaged: tensors '{info.Name}' and '{next!.Value.Name}' overlap at offset {next.Value.Offset} of the tensor data.");
            }
        }

        return room;
    }

    private static TensorEntry Unsupported(string path, Info info, long room)
    {
        string sentence = $"'{path}': tensor '{info.Name}' is stored as " + (info.Type.IsKnown
            ? $"{info.Type.Name} (ggml type {info.Type.Id}), which cannot be read here; use a file of the model in another type, such as Q4_K, Q8_0 or F16."
            : $"ggml type {info.Type.Id}, which is not known here; the file is damaged or newer than this reader.");
        return TensorEntry.Unsupported(info.Name, info.Type.Name, info.Shape, info.Type.HasSize ? info.Bytes : room, sentence);
    }
}
