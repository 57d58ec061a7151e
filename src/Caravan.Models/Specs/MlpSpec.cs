using Caravan.Kernels;

namespace Caravan.Models;

/// <summary>A feed-forward block: down(f(up(x))) (Vaswani et al. 2017, eq. 2).</summary>
internal sealed record MlpSpec : ChannelMixerSpec
{
    /// <summary>Width between the projections.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>f.</summary>
    public required ActivationFunction Activation { get; init; }

    /// <summary>Whether both projections have biases.</summary>
    public bool Bias { get; init; }

    /// <inheritdoc/>
    public override int IntermediateWidth => IntermediateSize;

    /// <inheritdoc/>
    public override IEnumerable<SpecFact> Facts => [new("feed-forward", $"{IntermediateSize}, {Activation}", ("feed_forward_size", IntermediateSize))];

    /// <inheritdoc/>
    public override ChannelMixer Build(in LayerSite site) => new MlpBlock(this, site);
}
