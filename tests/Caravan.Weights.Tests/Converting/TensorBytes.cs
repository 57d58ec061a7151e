using Caravan.Formats;
using Caravan.Kernels;

namespace Caravan.Weights.Tests;

/// <summary>Looks at tensors on disk.</summary>
internal static class TensorBytes
{
    /// <summary>Every tensor's type, shape and bytes.</summary>
    public static Dictionary<string, (DType Type, string Shape, byte[] Bytes)> Of(string path)
    {
        using Checkpoint checkpoint = CheckpointReader.Open(path);
        return checkpoint.Tensors.Values.ToDictionary(
            tensor => tensor.Name, tensor => (tensor.DType, tensor.ShapeText, tensor.Data.AsSpan().ToArray()));
    }

    /// <summary>Both models hold the same tensors, byte for byte, but for those of which only type and shape have to be the same.</summary>
    public static void AssertSame(string expected, string actual, IReadOnlySet<string>? otherwise = null)
    {
        var wanted = Of(expected);
        var found = Of(actual);
        Assert.Equal(wanted.Keys.Order(StringComparer.Ordinal), found.Keys.Order(StringComparer.Ordinal));
        foreach ((string name, (DType type, string shape, byte[] bytes)) in wanted)
        {
            Assert.Equal((name, type, shape), (name, found[name].Type, found[name].Shape));
            Assert.True(otherwise?.Contains(name) == true || bytes.AsSpan().SequenceEqual(found[name].Bytes), name);
        }
    }

    /// <summary>A tensor's values as floats.</summary>
    public static float[] Values(string path, string name)
    {
        using Checkpoint checkpoint = CheckpointReader.Open(path);
        TensorEntry entry = checkpoint.Tensors[name];
        using NativeBuffer buffer = new(entry.Elements * sizeof(float));
        QuantFormats.Of(entry.DType).Decode(entry.Data, buffer.Bytes.Cast<float>());
        return buffer.Bytes.Cast<float>().AsSpan().ToArray();
    }

    /// <summary>
    /// The rows of half-split heads in interleaved order, as the published conversions write it: each head's [2, half] rows transposed to [half, 2].
    /// </summary>
    public static float[] Interleaved(float[] values, int columns, int headSize)
    {
        float[] result = new float[values.Length];
        int half = headSize / 2;
        for (int head = 0; head < values.Length / columns / headSize; head++)
            for (int part = 0; part < 2; part++)
                for (int i = 0; i < half; i++)
                {
                    int from = (head * headSize) + (part * half) + i, to = (head * headSize) + (i * 2) + part;
                    Array.Copy(values, from * columns, result, to * columns, columns);
                }

        return result;
    }
}
