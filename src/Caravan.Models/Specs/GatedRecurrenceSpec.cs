using Caravan.Kernels;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>Griffin's recurrent block (De et al. 2024, §2.3): out(f(gate(x)) · rglru(conv(in(x)))).</summary>
internal sealed record GatedRecurrenceSpec : SequenceMixerSpec
{
    /// <summary>Channels of the recurrence.</summary>
    public required int Width { get; init; }

    /// <summary>Heads within which channels meet in the recurrence's gates; divides <see cref="Width"/>.</summary>
    public required int Heads { get; init; }

    /// <summary>Width of the convolution.</summary>
    public required int Taps { get; init; }

    /// <summary>f.</summary>
    public required ActivationFunction Activation { get; init; }

    /// <inheritdoc/>
    public override int StateSize => checked((int)(CausalConv.StateSize(Taps, Width) + Width));

    /// <inheritdoc/>
    public override IEnumerable<SpecFact> Facts =>
    [
        new(
            "gated recurrence", $"{Width} channels in {Heads} heads, convolution of {Taps}",
            ("recurrence.channels", Width), ("recurrence.heads", Heads), ("recurrence.convolution", Taps)),
    ];

    /// <inheritdoc/>
    public override string? Flaw => Width % Heads != 0 ? $"has a recurrence of {Width} channels that {Heads} heads cannot share evenly" : null;

    /// <inheritdoc/>
    public override SequenceMixer Build(in LayerSite site) => new GatedRecurrenceBlock(this, site);
}
