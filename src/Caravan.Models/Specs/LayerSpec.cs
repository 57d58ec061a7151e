namespace Caravan.Models;

/// <summary>One layer: norm → sequence mixer → residual → norm → channel mixer → residual.</summary>
/// <param name="Norm">What both norms are.</param>
/// <param name="SequenceMixer">What mixes along the sequence.</param>
/// <param name="ChannelMixer">What mixes along the features.</param>
internal sealed record LayerSpec(NormSpec Norm, SequenceMixerSpec SequenceMixer, ChannelMixerSpec ChannelMixer)
{
    /// <summary>What is told of its mixers.</summary>
    public IEnumerable<SpecFact> Facts => SequenceMixer.Facts.Concat(ChannelMixer.Facts);
}
