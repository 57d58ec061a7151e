using System.Text.Json;

namespace Caravan.Formats;

/// <summary>Writes safetensors files: one, or the shards of a model folder with their index.</summary>
/// <remarks>Source: the safetensors format documentation.</remarks>
internal static class SafetensorsWriter
{
    private const string SingleName = "model.safetensors", IndexName = SingleName + ".index.json";

    /// <summary>
    /// Writes one file. <paramref name="annotations"/> become its <c>__metadata__</c>; <c>format</c> is set to <c>pt</c> when they do not say,
    /// as transformers expects.
    /// </summary>
    /// <exception cref="CaravanException">A tensor cannot be stored in safetensors, or the file cannot be written; nothing is left behind.</exception>
    public static void Write(
        string path, IReadOnlyList<TensorSource> tensors, IReadOnlyDictionary<string, string>? annotations = null, WriteOptions? options = null)
    {
        options ??= new WriteOptions();
        SafetensorsPlan plan = new(path, tensors, annotations);
        using AtomicFile file = plan.Fill(new WriteProgress(plan.FileBytes, options), options);
        file.Commit();
    }

    /// <summary>
    /// Writes the weights of a model folder: <c>model.safetensors</c>, or, when there are more than <paramref name="maximumShardBytes"/> bytes of tensors,
    /// <c>model-00001-of-0000N.safetensors</c> and so on with <c>model.safetensors.index.json</c>. Returns the files written.
    /// Nothing appears in the folder until everything is written; weights of the other kind that were there are removed.
    /// </summary>
    /// <exception cref="CaravanException">A tensor cannot be stored in safetensors, or the folder cannot be written to; nothing is left behind.</exception>
    public static IReadOnlyList<string> WriteFolder(
        string folder,
        IReadOnlyList<TensorSource> tensors,
        long maximumShardBytes = 5_000_000_000,
        IReadOnlyDictionary<string, string>? annotations = null,
        WriteOptions? options = null)
    {
        options ??= new WriteOptions();
        TensorSource.CheckNames(tensors);
        List<List<TensorSource>> shards = Shards(tensors, maximumShardBytes);
        SafetensorsPlan[] plans = [.. shards.Select((shard, i) => new SafetensorsPlan(Path.Combine(folder, ShardName(i, shards.Count)), shard, annotations))];
        WriteProgress progress = new(plans.Sum(plan => plan.FileBytes), options);
        List<AtomicFile> files = [];
        try
        {
            foreach (SafetensorsPlan plan in plans)
            {
                files.Add(plan.Fill(progress, options));
                files[^1].Finish();
            }

            if (plans.Length > 1) files.Add(AtomicFile.Filled(Path.Combine(folder, IndexName), Index(plans)));
            Replace(folder, files);
            return [.. files.Select(file => file.Path)];
        }
        finally
        {
            foreach (AtomicFile file in files) file.Dispose();
        }
    }

    /// <summary>
    /// Gives finished files their names. An old index goes first, and so does an old single file that shards replace:
    /// a reader would prefer it, or mix old and new.
    /// </summary>
    private static void Replace(string folder, List<AtomicFile> files)
    {
        foreach (string name in files.Count == 1 ? [IndexName] : new[] { IndexName, SingleName })
        {
            string old = Path.Combine(folder, name);
            FileFailure.Guard(old, 0, () => File.Delete(old));
        }

        foreach (AtomicFile file in files) file.Commit();
    }

    /// <summary>Tensors in order, cut before the one that would make a shard too large; a larger tensor has a shard of its own.</summary>
    private static List<List<TensorSource>> Shards(IReadOnlyList<TensorSource> tensors, long maximumBytes)
    {
        List<List<TensorSource>> shards = [[]];
        long bytes = 0;
        foreach (TensorSource tensor in tensors)
        {
            if (shards[^1].Count > 0 && tensor.Bytes > maximumBytes - bytes)
            {
                shards.Add([]);
                bytes = 0;
            }

            shards[^1].Add(tensor);
            bytes += tensor.Bytes;
        }

        return shards;
    }

    private static string ShardName(int number, int count) =>
        count == 1 ? SingleName : $"model-{number + 1:D5}-of-{count:D5}.safetensors";

    private static byte[] Index(SafetensorsPlan[] plans)
    {
        using MemoryStream text = new();
        using (Utf8JsonWriter json = new(text, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteStartObject("metadata");
            json.WriteNumber("total_size", plans.Sum(plan => plan.TensorBytes));
            json.WriteEndObject();
            json.WriteStartObject("weight_map");
            foreach (SafetensorsPlan plan in plans)
                foreach (TensorSource tensor in plan.Tensors) json.WriteString(tensor.Name, Path.GetFileName(plan.Path));
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return text.ToArray();
    }
}
