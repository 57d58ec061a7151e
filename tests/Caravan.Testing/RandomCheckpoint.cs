using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Caravan.Testing;

/// <summary>Random weights, the same at every run, and a Hugging Face folder made of them.</summary>
public sealed class RandomCheckpoint
{
    private readonly Dictionary<string, (long[] Shape, float[] Values)> weights = new(StringComparer.Ordinal);

    /// <summary>The weights by name.</summary>
    public IReadOnlyDictionary<string, (long[] Shape, float[] Values)> Weights => weights;

    /// <summary>Adds a matrix whose values lie between ±scale / √columns.</summary>
    public void Matrix(string name, double scale, params long[] shape) => Between(name, -scale / Math.Sqrt(shape[^1]), scale / Math.Sqrt(shape[^1]), shape);

    /// <summary>Adds a tensor of values between two.</summary>
    public void Between(string name, double low, double high, params long[] shape)
    {
        Random random = new(weights.Count);
        float[] values = new float[shape.Aggregate(1L, (product, size) => product * size)];
        for (int i = 0; i < values.Length; i++) values[i] = (float)(low + ((high - low) * random.NextDouble()));
        weights.Add(name, (shape, values));
    }

    /// <summary>Writes <c>config.json</c> and <c>model.safetensors</c> into a folder, which is made where it is missing.</summary>
    public void Save(string folder, JsonObject config)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "config.json"), config.ToJsonString());
        JsonObject header = [];
        long end = 0;
        foreach ((string name, (long[] shape, float[] values)) in weights)
        {
            header[name] = new JsonObject
            {
                ["dtype"] = "F32", ["shape"] = JsonSerializer.SerializeToNode(shape), ["data_offsets"] = new JsonArray(end, end += values.Length * sizeof(float)),
            };
        }

        byte[] text = JsonSerializer.SerializeToUtf8Bytes(header), length = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(length, text.Length);
        using FileStream file = File.Create(Path.Combine(folder, "model.safetensors"));
        file.Write(length);
        file.Write(text);
        foreach ((_, float[] values) in weights.Values) file.Write(MemoryMarshal.AsBytes<float>(values));
    }
}
