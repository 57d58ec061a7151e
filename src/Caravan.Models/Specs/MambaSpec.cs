using Caravan.Kernels;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>
/// Mamba's block (Gu and Dao 2023, §3.4): out(scan(f(conv(in(x)))) · f(gate(x))), where the scan's step, input and output matrices are projections of
/// its input.
/// </summary>
internal sealed record MambaSpec : SequenceMixerSpec
{
    /// <summary>Channels of the scan.</summary>
    public required int InnerSize { get; init; }

    /// <summary>Numbers that the scan keeps for each channel.</summary>
    public required int States { get; init; }

    /// <summary>Width of the convolution.</summary>
    public required int Taps { get; init; }

    /// <summary>Features between the two projections to the steps.</summary>
    public required int StepRank { get; init; }

    /// <summary>f.</summary>
    public ActivationFunction Activation { get; init; } = ActivationFunction.Silu;

    /// <summary>Whether the projections in and out have biases.</summary>
    public bool Bias { get; init; }

    /// <summary>Whether the convolution has a bias.</summary>
    public bool ConvBias { get; init; } = true;

    /// <summary>A norm of what steps, input and output matrices come from (Lieber et al. 2024, "Jamba"); null for none.</summary>
    public NormSpec? ParameterNorm { get; init; }

    /// <inheritdoc/>
    public override int StateSize => checked((int)(CausalConv.StateSize(Taps, InnerSize) + ((long)InnerSize * States)));

    /// <inheritdoc/>
    public override IEnumerable<SpecFact> Facts =>
    [
        new(
            "selective scan", $"{InnerSize} channels of {States} states, convolution of {Taps}",
            ("scan.channels", InnerSize), ("scan.states", States), ("scan.convolution", Taps), ("scan.step_rank", StepRank)),
    ];

    /// <inheritdoc/>
    public override string? Flaw => ParameterNorm?.Flaw;

    /// <inheritdoc/>
    public override SequenceMixer Build(in LayerSite site) => new MambaBlock(this, site);
}
