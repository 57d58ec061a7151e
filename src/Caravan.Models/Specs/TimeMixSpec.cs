using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>
/// RWKV-4's time mixing (Peng et al. 2023, §3.1.1): out(σ(receptance) · wkv(key, value)), each projection of a mixture of the row and the row before.
/// </summary>
internal sealed record TimeMixSpec : SequenceMixerSpec
{
    /// <summary>Features of the residual stream, of which the last row is kept.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Channels of keys and values.</summary>
    public required int InnerSize { get; init; }

    /// <inheritdoc/>
    public override int StateSize => checked((int)(HiddenSize + Wkv.StateSize(InnerSize)));

    /// <inheritdoc/>
    public override IEnumerable<SpecFact> Facts => [new("time mixing", $"{InnerSize} channels", ("time_mix.channels", InnerSize))];

    /// <inheritdoc/>
    public override SequenceMixer Build(in LayerSite site) => new TimeMixBlock(this, site);
}
