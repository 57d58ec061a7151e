using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>
/// The time mixing of RWKV-5 and RWKV-6 (Peng et al. 2024, §4): out(silu(gate) · norm(wkv(receptance, key, value))) with a matrix as the state of each
/// head, every projection of a mixture of the row and the row before.
/// </summary>
internal sealed record MatrixTimeMixSpec : SequenceMixerSpec
{
    /// <summary>Features of the residual stream, of which the last row is kept.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Features of a head's receptances, keys and values.</summary>
    public required int HeadSize { get; init; }

    /// <summary>The norm of each head's result.</summary>
    public required NormSpec HeadNorm { get; init; }

    /// <summary>How mixtures and decays depend on the row (RWKV-6); null for not at all (RWKV-5).</summary>
    public DynamicDecaySpec? Dynamic { get; init; }

    /// <summary>Features of all heads.</summary>
    public int InnerSize => Heads * HeadSize;

    /// <inheritdoc/>
    public override int StateSize => checked((int)(HiddenSize + MatrixWkv.StateSize(Heads, HeadSize)));

    /// <inheritdoc/>
    public override IEnumerable<SpecFact> Facts =>
    [
        new(
            "time mixing", $"{Heads} heads of {HeadSize}{(Dynamic is null ? "" : ", decays of each token")}",
            ("time_mix.heads", Heads), ("time_mix.head_size", HeadSize)),
    ];

    /// <inheritdoc/>
    public override string? Flaw => HeadNorm.Flaw;

    /// <inheritdoc/>
    public override SequenceMixer Build(in LayerSite site) => new MatrixTimeMixBlock(this, site);
}
