using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Caravan.Formats;
using Caravan.Kernels;

namespace Caravan.Models;

/// <summary>An adapter that is to be written.</summary>
internal sealed class PeftDocument
{
    private readonly List<TensorSource> tensors = [];

    /// <summary>What <c>adapter_config.json</c> says, by key.</summary>
    public SortedDictionary<string, JsonNode?> Config { get; } = new(StringComparer.Ordinal);

    /// <summary>What the tensors' file holds, in order.</summary>
    public IReadOnlyList<TensorSource> Tensors => tensors;

    /// <summary>Adds a tensor of F32.</summary>
    public void Add(string name, float[] values, params ReadOnlySpan<long> shape)
    {
        ImmutableArray<long> dimensions = [.. shape];
        tensors.Add(new TensorSource(name, DType.F32, dimensions, stream => stream.Write(MemoryMarshal.AsBytes<float>(values))));
    }
}
