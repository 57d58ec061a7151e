using Caravan.Tensors;

namespace Caravan.Models;

/// <summary>The linear layers of a model that can be adapted, and the adapters that are attached to them.</summary>
internal sealed class AdapterTable
{
    private readonly Dictionary<string, Projection> projections = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> attentions = new(StringComparer.Ordinal);
    private readonly List<Adapter?> attached = [];
    private readonly List<long> serials = [];
    private long lastSerial;
    private StackSpec? spec;
    private Tensor? embedding;

    /// <summary>The linear layers by canonical name, in order of use.</summary>
    public IReadOnlyDictionary<string, Projection> Projections => projections;

    /// <summary>The attention layers by canonical name, in order, each with the place of its keys and values among those of all.</summary>
    public IReadOnlyDictionary<string, long> Attentions => attentions;

    /// <summary>The token embedding, [V, D].</summary>
    public Tensor Embedding => embedding ?? throw new CaravanException("This model has no token embedding, so that it takes no virtual tokens.");

    /// <summary>Features of the first attention layer's keys.</summary>
    public long KeyWidth { get; private set; }

    /// <summary>Features of the keys and values of all attention layers together.</summary>
    public long KeysAndValuesWidth { get; private set; }

    /// <summary>The attached adapters by slot; null where one was detached.</summary>
    public IReadOnlyList<Adapter?> Attached => attached;

    /// <summary>What tells the adapter of a slot from all that were ever attached, from 1; 0 for no adapter, whose slot is −1.</summary>
    public long SerialOf(int slot) => slot < 0 ? 0 : serials[slot];

    /// <summary>The virtual tokens that stand before sequences of a slot, as a batch has them; none for a slot of −1.</summary>
    public IEnumerable<int> VirtualTokensOf(int slot) => slot < 0 ? [] : Enumerable.Range(0, attached[slot]!.VirtualTokens?.Count ?? 0).Select(VirtualTokens.IdOf);

    /// <summary>Attaches an adapter: sequences of its slot pass through it. It stays the caller's.</summary>
    /// <returns>Its slot.</returns>
    /// <exception cref="CaravanException">It adapts a layer that the model does not have, or one of another size.</exception>
    public int Attach(Adapter adapter)
    {
        RequireFits(adapter);
        int slot = attached.IndexOf(null);
        if (slot < 0)
        {
            slot = attached.Count;
            attached.Add(null);
            serials.Add(0);
        }

        (attached[slot], serials[slot]) = (adapter, ++lastSerial);
        foreach ((string layer, LinearAdapter linear) in adapter.Linears) projections[layer].Adapt(slot, linear);
        return slot;
    }

    /// <summary>Refuses an adapter that was made for another model.</summary>
    /// <exception cref="CaravanException">It adapts a layer that the model does not have, or one of another size.</exception>
    public void RequireFits(Adapter adapter)
    {
        foreach ((string layer, LinearAdapter linear) in adapter.Linears) linear.RequireFits(ProjectionOf(layer, adapter).Weights, layer, adapter.Name);
        foreach ((string layer, AdaptionPrompt prompt) in adapter.Attentions) RequireFits(adapter.Name, layer, prompt);
        if (adapter.VirtualTokens is { } tokens) RequireFits(adapter.Name, tokens);
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

    /// <summary>Makes an attention layer known.</summary>
    /// <param name="name">Its canonical name.</param>
    /// <param name="keyWidth">Features of its keys, and of its values.</param>
    internal void Add(string name, int keyWidth)
    {
        attentions.Add(name, KeysAndValuesWidth);
        if (KeyWidth == 0) KeyWidth = keyWidth;
        KeysAndValuesWidth += 2L * keyWidth;
    }

    /// <summary>Makes known what sequences pass through.</summary>
    internal void Describe(StackSpec stack, Tensor tokenEmbedding) => (spec, embedding) = (stack, tokenEmbedding);

    private void RequireFits(string adapter, string layer, AdaptionPrompt prompt)
    {
        if (!attentions.ContainsKey(layer))
            throw new CaravanException($"The adapter '{adapter}' adds to '{layer}', which this model does not have; it was made for another model.");
        if (prompt.Prompt.Shape.Columns != spec!.HiddenSize)
            throw new CaravanException($"The adapter '{adapter}' has {prompt.Prompt.Shape} for '{layer}', whose rows have {spec.HiddenSize} features; it was made for another model.");
    }

    private void RequireFits(string adapter, VirtualTokens tokens)
    {
        bool areKeys = tokens.Place == PromptPlace.KeysAndValues;
        if (areKeys && attentions.Count == 0) throw new CaravanException($"The adapter '{adapter}' has keys and values, and this model has no attention; take prompt tuning instead.");
        if (areKeys && spec!.Layers.Any(layer => layer.StateSize > 0))
            throw new CaravanException($"The adapter '{adapter}' has keys and values, and some layers of this model keep states that these do not reach; take prompt tuning instead.");
        long width = areKeys ? KeysAndValuesWidth : Embedding.Shape.Columns;
        if (tokens.Encoder.Width != width)
        {
            throw new CaravanException(
                $"The adapter '{adapter}' has virtual tokens of {tokens.Encoder.Width} features, and this model's {(areKeys ? "keys and values" : "embeddings")} have {width}; it was made for another model.");
        }
    }
}
