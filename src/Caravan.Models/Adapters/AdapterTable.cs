namespace Caravan.Models;

/// <summary>The linear layers of a model that can be adapted, and the adapters that are attached to them.</summary>
internal sealed class AdapterTable
{
    private readonly Dictionary<string, Projection> projections = new(StringComparer.Ordinal);
    private readonly List<Adapter?> attached = [];

    /// <summary>The linear layers by canonical name, in order of use.</summary>
    public IReadOnlyDictionary<string, Projection> Projections => projections;

    /// <summary>The attached adapters by slot; null where one was detached.</summary>
    public IReadOnlyList<Adapter?> Attached => attached;

    /// <summary>Attaches an adapter: sequences of its slot pass through it. It stays the caller's.</summary>
    /// <returns>Its slot.</returns>
    /// <exception cref="CaravanException">It adapts a layer that the model does not have, or one of another size.</exception>
    public int Attach(Adapter adapter)
    {
        foreach ((string layer, LinearAdapter linear) in adapter.Linears) linear.RequireFits(ProjectionOf(layer, adapter).Weights, layer, adapter.Name);

        int slot = attached.IndexOf(null);
        if (slot < 0)
        {
            slot = attached.Count;
            attached.Add(null);
        }

        attached[slot] = adapter;
        foreach ((string layer, LinearAdapter linear) in adapter.Linears) projections[layer].Adapt(slot, linear);
        return slot;
    }

    /// <summary>Takes an adapter off; its slot may be given to another.</summary>
    public void Detach(int slot)
    {
        foreach (string layer in attached[slot]!.Linears.Keys) projections[layer].Adapt(slot, null);
        attached[slot] = null;
    }

    /// <summary>The layer of a name.</summary>
    /// <exception cref="CaravanException">There is none.</exception>
    public Projection ProjectionOf(string layer, Adapter adapter) => projections.TryGetValue(layer, out Projection? projection)
        ? projection
        : throw new CaravanException($"The adapter '{adapter.Name}' adapts '{layer}', which this model does not have; it was made for another model.");

    /// <summary>Makes a linear layer known.</summary>
    internal void Add(string name, Projection projection) => projections.Add(name, projection);
}
