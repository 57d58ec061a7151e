using Caravan.Kernels;

namespace Caravan.Models;

/// <summary>A gated feed-forward block: down(f(gate(x)) · up(x)).</summary>
internal sealed record GatedMlpSpec : ChannelMixerSpec
{
    /// <summary>Width between the projections.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>f.</summary>
    public ActivationFunction Activation { get; init; } = ActivationFunction.Silu;

    /// <summary>Whether a second gate, without an activation, multiplies too: down(f(gate(x)) · linear(x) · up(x)).</summary>
    public bool LinearGate { get; init; }

    /// <summary>Whether the three projections have biases.</summary>
    public bool Bias { get; init; }

    /// <summary>Whether the projection back has a bias even where the other two have none.</summary>
    public bool OutputBias { get; init; }

    /// <summary>Whether what enters each projection is divided by the root of its width (Jacot et al. 2018, "Neural Tangent Kernel", §2).</summary>
    public bool ScaledInputs { get; init; }

    /// <inheritdoc/>
    public override int IntermediateWidth => IntermediateSize;

    /// <inheritdoc/>
    public override IEnumerable<SpecFact> Facts =>
        [new("feed-forward", $"{IntermediateSize}, gated by {Activation}", ("feed_forward_size", IntermediateSize))];

    /// <inheritdoc/>
    public override ChannelMixer Build(in LayerSite site) => new GatedMlpBlock(this, site);
}
