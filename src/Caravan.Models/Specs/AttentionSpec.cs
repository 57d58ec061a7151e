namespace Caravan.Models;

/// <summary>Multi-head attention with grouped keys and rotary positions.</summary>
internal sealed record AttentionSpec : SequenceMixerSpec
{
    /// <summary>Query heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Key and value heads; divides <see cref="Heads"/>.</summary>
    public required int KeyValueHeads { get; init; }

    /// <summary>Features per head.</summary>
    public required int HeadSize { get; init; }

    /// <summary>Whether the projections to queries, keys and values have a bias.</summary>
    public bool InputBias { get; init; }

    /// <summary>Whether the projection back has a bias.</summary>
    public bool OutputBias { get; init; }

    /// <summary>Rotary positions.</summary>
    public required RotarySpec Rotary { get; init; }

    /// <summary>How many keys a query sees, itself included; 0 means all.</summary>
    public int Window { get; init; }

    /// <inheritdoc/>
    public override int KeyValueWidth => KeyValueHeads * HeadSize;

    /// <inheritdoc/>
    public override int KeyHeadSize => HeadSize;

    /// <inheritdoc/>
    public override int QueriesPerKey => Heads / KeyValueHeads;

    /// <inheritdoc/>
    public override HeadRotation Rotation => new(Rotary, HeadSize);

    /// <inheritdoc/>
    public override IEnumerable<SpecFact> Facts =>
    [
        new(
            "attention", $"{Heads} heads of {HeadSize}, {KeyValueHeads} for keys and values",
            ("heads", Heads), ("key_value_heads", KeyValueHeads), ("head_size", HeadSize)),
        new("window", Window == 0 ? "none" : $"{Window:N0} tokens", ("window", Window == 0 ? null : Window)),
        new(
            "rotary positions", $"{Rotary.Dimensions} of {HeadSize} features, base {Rotary.Base:0.###}{(Rotary.Scaling is null ? "" : $", scaled {Rotary.Scaling.Words}")}",
            ("rotary.dimensions", Rotary.Dimensions), ("rotary.base", Rotary.Base), ("rotary.scaling", Rotary.Scaling?.Words)),
    ];

    /// <inheritdoc/>
    public override string? Flaw =>
        Heads % KeyValueHeads != 0 ? $"has {Heads} heads that cannot share {KeyValueHeads} key-value heads evenly"
        : Window < 0 ? $"has a sliding window of {Window} tokens; it must be positive, or null for none"
        : null;

    /// <inheritdoc/>
    public override SequenceMixer Build(in LayerSite site) => new AttentionBlock(this, site);
}
