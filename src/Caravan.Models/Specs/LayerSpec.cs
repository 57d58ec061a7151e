namespace Caravan.Models;

/// <summary>One layer: norm → sequence mixer → residual → norm → channel mixer → residual.</summary>
/// <param name="Mixer">What mixes along the sequence.</param>
/// <param name="FeedForward">What mixes along the features.</param>
internal sealed record LayerSpec(AttentionSpec Mixer, GatedMlpSpec FeedForward);
