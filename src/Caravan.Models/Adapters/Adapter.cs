using Caravan.Tensors;

namespace Caravan.Models;

/// <summary>
/// What was learnt beside a model whose own weights stay as they are. Several can be attached to one model; each sequence of a batch says
/// which one it passes through.
/// </summary>
/// <param name="name">What people call it.</param>
internal sealed class Adapter(string name) : IDisposable
{
    private readonly Dictionary<string, LinearAdapter> linears = new(StringComparer.Ordinal);

    /// <summary>What people call it.</summary>
    public string Name => name;

    /// <summary>What it does to linear layers, by their canonical names such as <c>layers.3.attention.query</c>.</summary>
    public IReadOnlyDictionary<string, LinearAdapter> Linears => linears;

    /// <summary>Whether α counts by √r where files say how often it counts; the layers know their scaling.</summary>
    public bool RankStabilized { get; set; }

    /// <summary>Everything it has learnt, named after its layers: <c>layers.3.attention.query.lora_A.weight</c>.</summary>
    public IEnumerable<Tensor> Parameters => linears.Values.SelectMany(adapter => adapter.Parameters);

    /// <summary>Adapts a linear layer; the adapter's tensors get the layer's name before their own.</summary>
    public void Add(string layer, LinearAdapter adapter)
    {
        adapter.Belong(layer);
        linears.Add(layer, adapter);
    }

    /// <summary>Frees what was learnt.</summary>
    public void Dispose()
    {
        foreach (LinearAdapter adapter in linears.Values) adapter.Dispose();
    }
}
