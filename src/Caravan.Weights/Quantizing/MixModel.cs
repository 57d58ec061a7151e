using Caravan.Models;

namespace Caravan.Weights;

/// <summary>What the rules of a mix ask about a model, and what they call its tensors.</summary>
/// <param name="Layers">Number of layers.</param>
/// <param name="QueriesPerKey">Query heads that share a key head.</param>
/// <param name="TiedHead">Whether the token embedding is also the head.</param>
/// <param name="HasImportance">Whether there is an importance matrix.</param>
internal sealed record MixModel(int Layers, int QueriesPerKey, bool TiedHead = false, bool HasImportance = false)
{
    /// <summary>Canonical names, without their layer, of tensors with roles.</summary>
    private static readonly Dictionary<string, TensorRole> Roles = new(StringComparer.Ordinal)
    {
        ["embedding.weight"] = TensorRole.Embedding,
        ["head.weight"] = TensorRole.Head,
        ["attention.value.weight"] = TensorRole.AttentionValue,
        ["attention.output.weight"] = TensorRole.AttentionOutput,
        ["feed_forward.down.weight"] = TensorRole.FeedForwardDown,
    };

    /// <summary>The facts about a model.</summary>
    public static MixModel Of(DecoderSpec spec, bool hasImportance)
    {
        AttentionSpec attention = spec.Layers[0].Mixer;
        return new MixModel(spec.Layers.Length, attention.Heads / attention.KeyValueHeads, spec.TiedHead, hasImportance);
    }

    /// <summary>A tensor's role and layer (0 outside the layers) by its canonical name, such as <c>layers.3.attention.value.weight</c>.</summary>
    public (TensorRole Role, int Layer) RoleOf(string canonical)
    {
        string[] parts = canonical.Split('.', 3);
        bool layered = parts.Length == 3 && parts[0] == "layers";
        TensorRole role = Roles.GetValueOrDefault(layered ? parts[2] : canonical);
        if (role == TensorRole.Embedding && TiedHead) role = TensorRole.Head;
        return (role, layered ? int.Parse(parts[1]) : 0);
    }
}
