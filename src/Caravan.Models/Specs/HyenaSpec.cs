using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>
/// A Hyena block of order 2 (Poli et al. 2023, "Hyena Hierarchy", def. 3.1) with filters in modal form: out(x₂ · filter(x₁ · v)), x₂, x₁ and v being
/// one projection of x behind a short convolution.
/// </summary>
internal sealed record HyenaSpec : SequenceMixerSpec
{
    /// <summary>Channels: the features of the residual stream.</summary>
    public required int Channels { get; init; }

    /// <summary>Groups of channels of which the projection gives x₂, x₁ and v in turn; 1 where all of each come together.</summary>
    public required int Groups { get; init; }

    /// <summary>Width of the short convolution.</summary>
    public required int Taps { get; init; }

    /// <summary>Complex exponentials that a filter is the sum of.</summary>
    public required int Modes { get; init; }

    /// <inheritdoc/>
    public override int StateSize => checked((int)(CausalConv.StateSize(Taps, 3L * Channels) + (2L * Modes * Channels)));

    /// <inheritdoc/>
    public override IEnumerable<SpecFact> Facts =>
    [
        new(
            "hyena", $"{Channels} filters of {Modes} modes, convolution of {Taps}",
            ("hyena.filters", Channels), ("hyena.modes", Modes), ("hyena.convolution", Taps)),
    ];

    /// <inheritdoc/>
    public override string? Flaw => Channels % Groups != 0 ? $"has {Channels} filters that {Groups} groups cannot share evenly" : null;

    /// <inheritdoc/>
    public override SequenceMixer Build(in LayerSite site) => new HyenaBlock(this, site);
}
