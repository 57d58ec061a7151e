namespace Caravan.Models;

/// <summary>
/// RWKV's channel mixing (Peng et al. 2023, eq. 18): σ(receptance) · value(relu(key)²), both projections of mixtures of the row and the row before.
/// </summary>
internal sealed record ShiftedMlpSpec : ChannelMixerSpec
{
    /// <summary>Features of the residual stream, of which the last row is kept.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Width between the projections.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Whether the shares of mixtures are those of the row before (RWKV-6) and not of the row itself.</summary>
    public bool SharesOfPast { get; init; }

    /// <inheritdoc/>
    public override int IntermediateWidth => IntermediateSize;

    /// <inheritdoc/>
    public override int StateSize => HiddenSize;

    /// <inheritdoc/>
    public override IEnumerable<SpecFact> Facts =>
        [new("channel mixing", $"{IntermediateSize}, squared ReLU", ("feed_forward_size", IntermediateSize))];

    /// <inheritdoc/>
    public override ChannelMixer Build(in LayerSite site) => new ShiftedMlpBlock(this, site);
}
