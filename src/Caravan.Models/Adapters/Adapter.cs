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
    private readonly Dictionary<string, AdaptionPrompt> attentions = new(StringComparer.Ordinal);

    /// <summary>What people call it.</summary>
    public string Name => name;

    /// <summary>What it does to linear layers, by their canonical names such as <c>layers.3.attention.query</c>.</summary>
    public IReadOnlyDictionary<string, LinearAdapter> Linears => linears;

    /// <summary>What it lets attention gather beside its sequences, by the canonical names of attention layers such as <c>layers.3.attention</c>.</summary>
    public IReadOnlyDictionary<string, AdaptionPrompt> Attentions => attentions;

    /// <summary>The tokens that it puts before its sequences; null for none.</summary>
    public VirtualTokens? VirtualTokens { get; private set; }

    /// <summary>Tokens of a group of <see cref="ShiftedSparseAttention"/>, in which its sequences attend while they are learnt from; 0 for all that they see.</summary>
    public int AttentionGroup { get; set; }

    /// <summary>Whether α counts by √r where files say how often it counts; the layers know their scaling.</summary>
    public bool RankStabilized { get; set; }

    /// <summary>Everything it has learnt, named after its layers: <c>layers.3.attention.query.lora_A.weight</c>.</summary>
    public IEnumerable<Tensor> Parameters =>
        [.. linears.Values.SelectMany(adapter => adapter.Parameters), .. attentions.Values.SelectMany(prompt => prompt.Parameters), .. VirtualTokens?.Encoder.Parameters ?? []];

    /// <summary>Adapts a linear layer; the adapter's tensors get the layer's name before their own.</summary>
    public void Add(string layer, LinearAdapter adapter)
    {
        adapter.Belong(layer);
        linears.Add(layer, adapter);
    }

    /// <summary>Adds to what an attention layer gathers; the tensors get the layer's name before their own.</summary>
    public void Add(string layer, AdaptionPrompt prompt)
    {
        Rename(prompt.Parameters, layer);
        attentions.Add(layer, prompt);
    }

    /// <summary>Puts tokens before its sequences.</summary>
    public void Add(VirtualTokens tokens)
    {
        Rename(tokens.Encoder.Parameters, "prompt_encoder");
        VirtualTokens = tokens;
    }

    /// <summary>Frees what was learnt.</summary>
    public void Dispose()
    {
        foreach (LinearAdapter adapter in linears.Values) adapter.Dispose();
        foreach (AdaptionPrompt prompt in attentions.Values) prompt.Dispose();
        VirtualTokens?.Dispose();
    }

    private static void Rename(IReadOnlyList<Tensor> parameters, string part)
    {
        foreach (Tensor parameter in parameters) parameter.Name = $"{part}.{parameter.Name}";
    }
}
