using System.Text.Json;

namespace Caravan.Formats;

/// <summary>An index such as <c>model.safetensors.index.json</c>: which file of a folder holds which tensor.</summary>
internal static class ShardIndex
{
    /// <summary>
    /// The tensors that the index at <paramref name="path"/> names, in its order. Every shard is opened once with <paramref name="openShard"/>.
    /// </summary>
    /// <exception cref="CaravanException">The index is damaged, or a shard or a tensor in it is missing.</exception>
    public static (OrderedDictionary<string, TensorEntry> Tensors, int Shards) Open(
        string path, Func<string, IReadOnlyDictionary<string, TensorEntry>> openShard)
    {
        if (!JsonFile.ReadObject(path).TryGetProperty("weight_map", out JsonElement map) || map.ValueKind != JsonValueKind.Object)
            throw new CaravanException($"'{path}' has no object 'weight_map', which should say which file holds which tensor.");
        string folder = Path.GetDirectoryName(path) ?? "";
        Dictionary<string, IReadOnlyDictionary<string, TensorEntry>> shards = new(StringComparer.Ordinal);
        OrderedDictionary<string, TensorEntry> tensors = new(StringComparer.Ordinal);
        foreach (JsonProperty row in map.EnumerateObject())
        {
            string shard = ShardName(path, row);
            if (!shards.TryGetValue(shard, out IReadOnlyDictionary<string, TensorEntry>? contents))
            {
                string shardPath = Path.Combine(folder, shard);
                if (!File.Exists(shardPath))
                    throw new CaravanException($"'{path}' names the file '{shard}', which is not in the same folder; download it.");
                shards.Add(shard, contents = openShard(shardPath));
            }

            if (!contents.TryGetValue(row.Name, out TensorEntry? tensor))
                throw new CaravanException($"'{path}' says that '{shard}' holds the tensor '{row.Name}', which it does not; download both again.");
            if (!tensors.TryAdd(row.Name, tensor)) throw new CaravanException($"'{path}' is damaged: 'weight_map' names the tensor '{row.Name}' twice.");
        }

        return (tensors, shards.Count);
    }

    /// <summary>The file of a row; only a plain name, so that an index cannot reach outside its folder.</summary>
    private static string ShardName(string path, JsonProperty row)
    {
        string? shard = row.Value.ValueKind == JsonValueKind.String ? row.Value.GetString() : null;
        return shard is { Length: > 0 } and not "." and not ".." && shard.IndexOfAny(['/', '\\', ':', '\0']) < 0
            ? shard
            : throw new CaravanException(
                $"'{path}': 'weight_map' gives {row.Value.GetRawText()} for the tensor '{row.Name}'; " +
                "the plain name of a file in the same folder was expected.");
    }
}
