using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>
/// Multi-scale retention (Sun et al. 2023, eq. 8): out(silu(gate(x)) · norm(retention(query, key, value))), head h forgetting a part of 2^(−5−h) at
/// each token.
/// </summary>
internal sealed record RetentionSpec : SequenceMixerSpec
{
    /// <summary>Heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Features of a head's queries and keys.</summary>
    public required int KeySize { get; init; }

    /// <summary>Features of a head's values.</summary>
    public required int ValueSize { get; init; }

    /// <summary>Rotary positions of queries and keys.</summary>
    public required RotarySpec Rotary { get; init; }

    /// <summary>The norm of each head's result.</summary>
    public required NormSpec HeadNorm { get; init; }

    /// <inheritdoc/>
    public override HeadRotation? Rotation => new(Rotary, KeySize);

    /// <inheritdoc/>
    public override int StateSize => checked((int)Retention.StateSize((long)Heads * KeySize, (long)Heads * ValueSize, Heads));

    /// <inheritdoc/>
    public override IEnumerable<SpecFact> Facts =>
    [
        new(
            "retention", $"{Heads} heads of {KeySize}, values of {ValueSize}",
            ("retention.heads", Heads), ("retention.key_size", KeySize), ("retention.value_size", ValueSize)),
    ];

    /// <inheritdoc/>
    public override string? Flaw => HeadNorm.Flaw;

    /// <inheritdoc/>
    public override SequenceMixer Build(in LayerSite site) => new RetentionBlock(this, site);
}
