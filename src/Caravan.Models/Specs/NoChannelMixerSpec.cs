namespace Caravan.Models;

/// <summary>No second half of a layer: with <see cref="LayerOrder.MixerAlone"/>, and with <see cref="LayerOrder.PreNorm"/> where it was cut.</summary>
internal sealed record NoChannelMixerSpec : ChannelMixerSpec
{
    /// <inheritdoc/>
    public override IEnumerable<SpecFact> Facts => [];

    /// <inheritdoc/>
    public override ChannelMixer Build(in LayerSite site) => throw new InvalidOperationException("A layer with a sequence mixer alone has no channel mixer.");
}
