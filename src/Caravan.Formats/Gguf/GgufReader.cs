namespace Caravan.Formats;

/// <summary>Opens GGUF models: a single file, or all parts of one that gguf-split cut into <c>name-00001-of-00003.gguf</c> and so on.</summary>
internal static class GgufReader
{
    /// <summary>Opens the model that the file is or belongs to.</summary>
    /// <exception cref="CaravanException">A file is missing, damaged or not supported.</exception>
    public static Checkpoint Open(string path)
    {
        GgufFile file = GgufFile.Open(path);
        List<GgufFile> opened = [file];
        try
        {
            long count = SplitKey(file, GgufKeys.SplitCount) ?? 1;
            if (count <= 1) return new Checkpoint(path, $"GGUF v{file.Version}", file.Tensors, opened) { Metadata = file.Metadata };

            IReadOnlyList<GgufFile> parts = OpenParts(file, count, opened);
            return new Checkpoint(path, $"GGUF v{file.Version} ({count} files)", AllTensors(parts), opened)
            {
                Metadata = WithoutSplitKeys(parts[0].Metadata),
            };
        }
        catch
        {
            foreach (GgufFile part in opened) part.Dispose();
            throw;
        }
    }

    /// <summary>All parts in order, <paramref name="file"/> among them; what is opened is added to <paramref name="opened"/>.</summary>
    private static List<GgufFile> OpenParts(GgufFile file, long count, List<GgufFile> opened)
    {
        long number = SplitKey(file, GgufKeys.SplitNumber) ?? 0;
        string ending = PartEnding(number, count);
        string name = Path.GetFileName(file.Path);
        if (!name.EndsWith(ending, StringComparison.Ordinal))
        {
            throw new CaravanException(
                $"'{file.Path}' is part {number + 1} of a model split into {count} files, and its name does not end in '{ending}', " +
                "so the other parts cannot be found; give all parts their original names.");
        }

        string stem = Path.Combine(Path.GetDirectoryName(file.Path) ?? "", name[..^ending.Length]);
        List<GgufFile> parts = [];
        for (long i = 0; i < count; i++)
        {
            string partPath = stem + PartEnding(i, count);
            if (i != number && !File.Exists(partPath))
                throw new CaravanException($"'{file.Path}' is one of {count} files of a model, and '{partPath}' is missing; put it into the same folder.");
            GgufFile part = i == number ? file : GgufFile.Open(partPath);
            if (part != file) opened.Add(part);
            if (SplitKey(part, GgufKeys.SplitNumber) != i || SplitKey(part, GgufKeys.SplitCount) != count)
                throw new CaravanException($"'{partPath}' says that it is not part {i + 1} of {count}; download the parts of the model again.");
            parts.Add(part);
        }

        return parts;
    }

    private static OrderedDictionary<string, TensorEntry> AllTensors(IReadOnlyList<GgufFile> parts)
    {
        OrderedDictionary<string, TensorEntry> tensors = new(StringComparer.Ordinal);
        foreach (GgufFile part in parts)
        {
            foreach (TensorEntry tensor in part.Tensors.Values)
            {
                if (!tensors.TryAdd(tensor.Name, tensor))
                {
                    throw new CaravanException(
                        $"'{part.Path}' holds the tensor '{tensor.Name}', which an earlier part holds too; download the parts of the model again.");
                }
            }
        }

        if (SplitKey(parts[0], GgufKeys.SplitTensors) is { } expected && expected != tensors.Count)
        {
            throw new CaravanException(
                $"The {parts.Count} files from '{parts[0].Path}' on hold {tensors.Count} tensors and should hold {expected}; download them again.");
        }

        return tensors;
    }

    private static GgufMetadata WithoutSplitKeys(GgufMetadata metadata)
    {
        GgufMetadata whole = new();
        foreach ((string key, object value) in metadata.Pairs)
            if (!key.StartsWith(GgufKeys.SplitPrefix, StringComparison.Ordinal)) whole.Set(key, value);
        return whole;
    }

    private static long? SplitKey(GgufFile file, string key)
    {
        if (!file.Metadata.TryGet(key, out object? value)) return null;
        return value switch
        {
            ushort number => number,
            int number and >= 0 => number,
            uint number => number,
            _ => throw new CaravanException(
                $"'{file.Path}': '{key}' is {value} ({value.GetType().Name}); a count stored as UInt16 or Int32 was expected."),
        };
    }

    private static string PartEnding(long number, long count) => $"-{number + 1:D5}-of-{count:D5}.gguf";
}
