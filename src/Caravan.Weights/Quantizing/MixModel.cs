using Caravan.Models;

namespace Caravan.Weights;

/// <summary>What the rules of a mix ask about a model, and what they call its tensors.</summary>
/// <param name="Layers">Number of layers.</param>
/// <param name="QueriesPerKey">Query heads that share a key head.</param>
/// <param name="TiedHead">Whether the token embedding is also the head.</param>
/// <param name="HasImportance">Whether there is an importance matrix.</param>
/// <param name="Experts">Experts among which tokens choose; 0 for none.</param>
internal sealed record MixModel(int Layers, int QueriesPerKey, bool TiedHead = false, bool HasImportance = false, int Experts = 0)
{
    /// <summary>Canonical names of tensors with roles.</summary>
    private static readonly Dictionary<string, TensorRole> Roles = new(StringComparer.Ordinal)
    {
        ["embedding.weight"] = TensorRole.Embedding,
        ["head.weight"] = TensorRole.Head,
        ["layers.{n}.attention.key.weight"] = TensorRole.AttentionKey,
        ["layers.{n}.attention.value.weight"] = TensorRole.AttentionValue,
        ["layers.{n}.attention.output.weight"] = TensorRole.AttentionOutput,
        ["layers.{n}.feed_forward.down.weight"] = TensorRole.FeedForwardDown,
        ["layers.{n}.feed_forward.experts.{e}.down.weight"] = TensorRole.FeedForwardDown,
        ["layers.{n}.feed_forward.router.weight"] = TensorRole.Router,
        ["layers.{n}.mamba.conv.weight"] = TensorRole.Recurrence,
        ["layers.{n}.mamba.a_log"] = TensorRole.Recurrence,
        ["layers.{n}.time_mix.first"] = TensorRole.Recurrence,
        ["layers.{n}.time_mix.decay"] = TensorRole.Recurrence,
        ["layers.{n}.time_mix.share_in.weight"] = TensorRole.Recurrence,
        ["layers.{n}.time_mix.mixtures.{e}.share_out.weight"] = TensorRole.Recurrence,
        ["layers.{n}.time_mix.decay_in.weight"] = TensorRole.Recurrence,
        ["layers.{n}.time_mix.decay_out.weight"] = TensorRole.Recurrence,
    };

    /// <summary>The facts about a model.</summary>
    public static MixModel Of(StackSpec spec, bool hasImportance) => new(
        spec.Layers.Length, spec.Layers.Max(layer => layer.SequenceMixer.QueriesPerKey), spec is DecoderSpec { TiedHead: true }, hasImportance,
        spec.Layers.Max(layer => layer.ChannelMixer.Experts));

    /// <summary>A tensor's role and layer (0 outside the layers) by its canonical name, such as <c>layers.3.attention.value.weight</c>.</summary>
    public (TensorRole Role, int Layer) RoleOf(string canonical)
    {
        WeightName name = WeightName.Parse(canonical);
        TensorRole role = Roles.GetValueOrDefault(name.Template);
        if (role == TensorRole.Embedding && TiedHead) role = TensorRole.Head;
        return (role, name.Layer ?? 0);
    }
}
