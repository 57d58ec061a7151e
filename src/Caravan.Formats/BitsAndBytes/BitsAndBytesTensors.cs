using System.Collections.Immutable;
using System.Text.Json;
using Caravan.Kernels;

namespace Caravan.Formats;

/// <summary>
/// NF4 weights as transformers and bitsandbytes save them: for each matrix its codes (as bytes under its name), the scales of its blocks (in 8 bits, with
/// scales of their own, where they are quantized twice), and what all that means. They become one tensor of NF4 blocks, in memory of its own.
/// </summary>
/// <remarks>Source: bitsandbytes' QuantState (<c>as_dict</c> with <c>packed=True</c>).</remarks>
internal static class BitsAndBytesTensors
{
    private const string StateSuffix = ".quant_state.bitsandbytes__nf4", OtherSuffix = ".quant_state.bitsandbytes__fp4";
    private const int BlockSize = 64;

    /// <summary>The tensors of a checkpoint, with those of each NF4 weight joined to one.</summary>
    /// <param name="path">The checkpoint, for messages.</param>
    /// <param name="tensors">As they lie in the files.</param>
    /// <param name="owned">Gets the memory of joined tensors.</param>
    /// <exception cref="CaravanException">Something is missing, or quantized in another way.</exception>
    public static IReadOnlyDictionary<string, TensorEntry> Joined(string path, IReadOnlyDictionary<string, TensorEntry> tensors, List<IDisposable> owned)
    {
        if (tensors.Keys.FirstOrDefault(name => name.EndsWith(OtherSuffix, StringComparison.Ordinal)) is { } other)
            throw new CaravanException($"'{path}': '{other[..^OtherSuffix.Length]}' is quantized to FP4, which Caravan does not read; quantize the model to NF4.");
        string[] weights = [.. tensors.Keys.Where(name => name.EndsWith(StateSuffix, StringComparison.Ordinal)).Select(name => name[..^StateSuffix.Length])];
        if (weights.Length == 0) return tensors;
        OrderedDictionary<string, TensorEntry> joined = new(StringComparer.Ordinal);
        HashSet<string> parts = [.. weights.SelectMany(weight => (string[])[weight + StateSuffix, $"{weight}.absmax", $"{weight}.quant_map", $"{weight}.nested_absmax", $"{weight}.nested_quant_map"])];
        foreach ((string name, TensorEntry tensor) in tensors)
        {
            if (parts.Contains(name)) continue;
            joined.Add(name, tensors.ContainsKey(name + StateSuffix) ? Join(path, name, tensors, owned) : tensor);
        }

        return joined;
    }

    private static TensorEntry Join(string path, string name, IReadOnlyDictionary<string, TensorEntry> tensors, List<IDisposable> owned)
    {
        TensorEntry codes = tensors[name];
        (ImmutableArray<long> shape, float offset) = State(path, name, tensors);
        long elements = shape.Aggregate(1L, (product, size) => checked(product * size)), blocks = elements / BlockSize;
        if (elements % BlockSize != 0 || codes.Data.Length != elements / 2)
            throw new CaravanException($"'{path}': '{name}' has {codes.Data.Length} bytes of codes for the shape [{string.Join(", ", shape)}]; half a byte for each element, in blocks of {BlockSize}, was expected.");
        float[] scales = Scales(path, name, tensors, offset);
        if (scales.Length != blocks) throw new CaravanException($"'{path}': '{name}' has {scales.Length} scales for {blocks} blocks; the file is damaged.");
        NativeBuffer buffer = new(DType.NF4.Bytes(elements), clear: false);
        owned.Add(buffer);
        int blockBytes = DType.NF4.BlockBytes();
        for (long block = 0; block < blocks; block++)
        {
            Span<byte> into = buffer.Bytes.AsSpan(block * blockBytes, blockBytes);
            BitConverter.TryWriteBytes(into, scales[block]);
            codes.Data.AsSpan(block * (BlockSize / 2), BlockSize / 2).CopyTo(into[sizeof(float)..]);
        }

        if (shape[^1] % BlockSize == 0) return new TensorEntry(name, DType.NF4, shape, buffer.Bytes);
        // Blocks that go on from one row to the next are no rows of blocks.
        NativeBuffer floats = new(checked(elements * sizeof(float)), clear: false);
        owned.Add(floats);
        QuantFormats.Of(DType.NF4).Decode(buffer.Bytes, floats.Bytes.Cast<float>());
        return new TensorEntry(name, DType.F32, shape, floats.Bytes);
    }

    private static (ImmutableArray<long> Shape, float Offset) State(string path, string name, IReadOnlyDictionary<string, TensorEntry> tensors)
    {
        try
        {
            JsonElement state = JsonDocument.Parse(tensors[name + StateSuffix].Data.AsSpan().ToArray()).RootElement;
            if (state.GetProperty("blocksize").GetInt32() != BlockSize)
                throw new CaravanException($"'{path}': '{name}' is NF4 in blocks of {state.GetProperty("blocksize")}; Caravan reads blocks of {BlockSize}.");
            ImmutableArray<long> shape = [.. state.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64())];
            if (shape.Length == 0 || shape.Any(size => size < 1)) throw new JsonException("no shape");
            return (shape, state.TryGetProperty("nested_offset", out JsonElement offset) ? offset.GetSingle() : 0);
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new CaravanException($"'{path}': what '{name}{StateSuffix}' says of the weight cannot be read ({exception.Message}); download the model again.", exception);
        }
    }

    private static float[] Scales(string path, string name, IReadOnlyDictionary<string, TensorEntry> tensors, float offset)
    {
        TensorEntry scales = Part(path, name, "absmax", tensors);
        RequireMap(path, name, "quant_map", tensors, NF4.Values);
        if (scales.DType == DType.F32) return scales.Data.Cast<float>().AsSpan().ToArray();
        RequireMap(path, name, "nested_quant_map", tensors, DynamicMap.Values);
        float[] largest = Part(path, name, "nested_absmax", tensors).Data.Cast<float>().AsSpan().ToArray();
        byte[] codes = scales.Data.AsSpan().ToArray();
        if (largest.Length != (codes.Length + NestedScales.Group - 1) / NestedScales.Group)
            throw new CaravanException($"'{path}': '{name}' has {largest.Length} scales of {codes.Length} scales, one for {NestedScales.Group} was expected; the file is damaged.");
        return new NestedScales(codes, largest, offset).Decode();
    }

    /// <summary>Maps are saved beside every weight and are always the same; another would mean other numbers.</summary>
    private static void RequireMap(string path, string name, string map, IReadOnlyDictionary<string, TensorEntry> tensors, ReadOnlySpan<float> known)
    {
        ReadOnlySpan<float> found = Part(path, name, map, tensors).Data.Cast<float>().AsSpan();
        bool same = found.Length == known.Length;
        for (int i = 0; same && i < known.Length; i++) same = Math.Abs(found[i] - known[i]) < 1e-6f;
        if (!same) throw new CaravanException($"'{path}': '{name}.{map}' is not the one of NF4; the weight is quantized in a way that Caravan does not read.");
    }

    private static TensorEntry Part(string path, string name, string part, IReadOnlyDictionary<string, TensorEntry> tensors) =>
        tensors.GetValueOrDefault($"{name}.{part}") ?? throw new CaravanException($"'{path}' has no '{name}.{part}' beside the codes of the weight; the model is not complete.");
}
