namespace Caravan.Models;

/// <summary>No first half of a layer: it was cut; only with <see cref="LayerOrder.PreNorm"/>.</summary>
internal sealed record NoSequenceMixerSpec : SequenceMixerSpec
{
    /// <inheritdoc/>
    public override IEnumerable<SpecFact> Facts => [];

    /// <inheritdoc/>
    public override SequenceMixer Build(in LayerSite site) => throw new InvalidOperationException("A layer without a sequence mixer builds none.");
}
