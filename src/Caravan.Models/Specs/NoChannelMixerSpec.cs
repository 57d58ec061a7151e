namespace Caravan.Models;

/// <summary>No second half of a layer, with <see cref="LayerOrder.PreNorm"/>: a mixer that stands alone, or a half that was cut.</summary>
internal sealed record NoChannelMixerSpec : ChannelMixerSpec
{
    /// <inheritdoc/>
    public override IEnumerable<SpecFact> Facts => [];

    /// <inheritdoc/>
    public override ChannelMixer Build(in LayerSite site) => throw new InvalidOperationException("A layer with a sequence mixer alone has no channel mixer.");
}
