using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Caravan.Testing;

/// <summary>Random weights by name, the same at every run, and a safetensors file of them.</summary>
internal sealed class RandomWeights
{
    private readonly Dictionary<string, (long[] Shape, float[] Values)> weights = new(StringComparer.Ordinal);

    /// <summary>What was made, in order.</summary>
    public IReadOnlyDictionary<string, (long[] Shape, float[] Values)> Tensors => weights;

    /// <summary>Weights of a linear layer: its outputs are about as large as its inputs.</summary>
    public void Matrix(string name, params long[] shape) => Between(name, -2 / Math.Sqrt(shape[^1]), 2 / Math.Sqrt(shape[^1]), shape);

    /// <summary>Values from an interval.</summary>
    public void Between(string name, double low, double high, params long[] shape)
    {
        Random random = new(weights.Count);
        float[] values = new float[shape.Aggregate(1L, (product, size) => product * size)];
        for (int i = 0; i < values.Length; i++) values[i] = (float)(low + ((high - low) * random.NextDouble()));
        weights.Add(name, (shape, values));
    }

    /// <summary>Writes the file.</summary>
    public void Write(string path)
    {
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
        using FileStream file = File.Create(path);
        file.Write(length);
        file.Write(text);
        foreach ((_, float[] values) in weights.Values) file.Write(MemoryMarshal.AsBytes<float>(values));
    }
}
