using Caravan.Kernels;

namespace Caravan.Models;

/// <summary>
/// Gated feed-forward blocks of which each token passes a few, chosen by a router (Shazeer et al. 2017, "Outrageously Large Neural Networks";
/// Jiang et al. 2024, "Mixtral of Experts", §2.1): Σ wₑ · downₑ(f(gateₑ(x)) · upₑ(x)) over the experts of the largest softmax(router(x)).
/// </summary>
internal sealed record ExpertsSpec : ChannelMixerSpec
{
    /// <summary>How many there are.</summary>
    public required int Count { get; init; }

    /// <summary>How many each token passes.</summary>
    public required int PerToken { get; init; }

    /// <summary>Whether the weights of the chosen are divided by their sum; otherwise they are their probabilities among all experts.</summary>
    public required bool Renormalised { get; init; }

    /// <summary>The p of the norm (Σ wᵖ)^(1/p) that renormalised weights are divided by; 1 is their sum.</summary>
    public float NormOrder { get; init; } = 1;

    /// <summary>Width between the projections of an expert.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>f.</summary>
    public ActivationFunction Activation { get; init; } = ActivationFunction.Silu;

    /// <summary>Whether each expert has a gate; without, it is downₑ(f(upₑ(x))).</summary>
    public bool Gated { get; init; } = true;

    /// <summary>Whether a second, linear gate multiplies an expert's values, as in <see cref="GatedMlpSpec.LinearGate"/>.</summary>
    public bool LinearGate { get; init; }

    /// <summary>Whether the router has a bias.</summary>
    public bool RouterBias { get; init; }

    /// <summary>Whether the router has two layers, router(tanh(inner(x))), the inner one as wide as there are experts.</summary>
    public bool DeepRouter { get; init; }

    /// <summary>The sum over the chosen experts is multiplied by this; 1 for nothing.</summary>
    public float Scale { get; init; } = 1;

    /// <summary>Width of an expert that every token passes beside the chosen ones (Dai et al. 2024, "DeepSeekMoE", §3.2); 0 for none.</summary>
    public int SharedSize { get; init; }

    /// <summary>Whether the shared expert's result is weighed by sigmoid(gate(x)), one number a token.</summary>
    public bool SharedGate { get; init; }

    /// <inheritdoc/>
    public override int Experts => Count;

    /// <inheritdoc/>
    public override double ShareRead(int tokens) => 1 - Math.Pow(1 - ((double)PerToken / Count), tokens);

    /// <inheritdoc/>
    public override int IntermediateWidth => IntermediateSize;

    /// <inheritdoc/>
    public override IEnumerable<SpecFact> Facts =>
    [
        new("feed-forward", $"{IntermediateSize}, {(Gated ? "gated by " : "")}{Activation}", ("feed_forward_size", IntermediateSize)),
        new("experts", $"{Count}, of which each token passes {PerToken}", ("experts", Count), ("experts_per_token", PerToken)),
    ];

    /// <inheritdoc/>
    public override string? Flaw => PerToken > Count ? $"lets each token pass {PerToken} experts, but has {Count}" : null;

    /// <inheritdoc/>
    public override ChannelMixer Build(in LayerSite site) => new ExpertsBlock(this, site);
}
