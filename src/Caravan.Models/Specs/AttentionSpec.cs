namespace Caravan.Models;

/// <summary>Multi-head attention with grouped keys.</summary>
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

    /// <summary>Whether what enters each projection is divided by the root of its width (Jacot et al. 2018, "Neural Tangent Kernel", §2).</summary>
    public bool ScaledInputs { get; init; }

    /// <summary>Rotary positions; null for none.</summary>
    public RotarySpec? Rotary { get; init; }

    /// <summary>A bias that falls with the distance; null for none.</summary>
    public AlibiSpec? Alibi { get; init; }

    /// <summary>A learned bias for each distance between query and key; null for none.</summary>
    public RelativeBiasSpec? RelativeBias { get; init; }

    /// <summary>Whether a query sees the keys after it too.</summary>
    public bool Bidirectional { get; init; }

    /// <summary>What is added to products of queries and keys; null for nothing.</summary>
    public BiasSpec? Bias => (BiasSpec?)Alibi ?? RelativeBias;

    /// <summary>Factor of the scores; 0 means 1/√HeadSize.</summary>
    public float Scale { get; init; }

    /// <summary>Queries, keys and values are kept within ± this; 0 for no bounds.</summary>
    public float Clip { get; init; }

    /// <summary>A norm of each head's queries and keys, before they are rotated; null for none.</summary>
    public NormSpec? QueryKeyNorm { get; init; }

    /// <summary>Whether each head has norm weights of its own.</summary>
    public bool NormPerHead { get; init; }

    /// <summary>What queries and keys are made of instead of the rows themselves; null for the rows.</summary>
    public LocalFilterSpec? Filter { get; init; }

    /// <summary>Whether what the projections to queries and keys give, one after the other, is a query and a key for each head in turn.</summary>
    public bool AlternatingHeads { get; init; }

    /// <summary>Scores s become SoftCap · tanh(s / SoftCap); 0 leaves them.</summary>
    public float SoftCap { get; init; }

    /// <summary>How many keys a query sees, itself included; 0 means all.</summary>
    public int Window { get; init; }

    /// <summary><see cref="Scale"/>, or what it stands for.</summary>
    public float ScaleOfScores => Scale == 0 ? 1 / MathF.Sqrt(HeadSize) : Scale;

    /// <inheritdoc/>
    public override int KeyValueWidth => KeyValueHeads * HeadSize;

    /// <inheritdoc/>
    public override int StateSize => Filter?.StateSize ?? 0;

    /// <inheritdoc/>
    public override int KeyHeadSize => HeadSize;

    /// <inheritdoc/>
    public override int QueriesPerKey => Heads / KeyValueHeads;

    /// <inheritdoc/>
    public override HeadRotation? Rotation => Rotary is null ? null : new(Rotary, HeadSize);

    /// <inheritdoc/>
    public override IEnumerable<SpecFact> Facts
    {
        get
        {
            yield return new(
                "attention", $"{Heads} heads of {HeadSize}, {KeyValueHeads} for keys and values",
                ("heads", Heads), ("key_value_heads", KeyValueHeads), ("head_size", HeadSize));
            yield return new("window", Window == 0 ? "none" : $"{Window:N0} tokens", ("window", Window == 0 ? null : Window));
            if (Rotary is { } rotary)
            {
                yield return new(
                    "rotary positions", $"{rotary.Dimensions} of {HeadSize} features, base {rotary.Base:0.###}{(rotary.Scaling is null ? "" : $", scaled {rotary.Scaling.Words}")}",
                    ("rotary.dimensions", rotary.Dimensions), ("rotary.base", rotary.Base), ("rotary.scaling", rotary.Scaling?.Words));
            }

            if (Filter is not null) yield return new("queries and keys", "behind two convolutions", ("local_filter", true));
            if (RelativeBias is not null) yield return new("positions", "learned biases by distance", ("relative_bias", true));
            if (Alibi is not null) yield return new("positions", "ALiBi", ("alibi", true));
        }
    }

    /// <inheritdoc/>
    public override string? Flaw =>
        Heads % KeyValueHeads != 0 ? $"has {Heads} heads that cannot share {KeyValueHeads} key-value heads evenly"
        : Rotary?.Dimensions > HeadSize ? $"rotates {Rotary.Dimensions} features of heads of {HeadSize}"
        : Window < 0 ? $"has a sliding window of {Window} tokens; it must be positive, or null for none"
        : HeadSize < 1 ? $"has {Heads} heads and fewer features for them"
        : AlternatingHeads && Heads != KeyValueHeads ? $"has {Heads} queries and {KeyValueHeads} keys that cannot take turns"
        : RelativeBias?.Flaw ?? Filter?.Norm.Flaw ?? QueryKeyNorm?.Flaw;

    /// <inheritdoc/>
    public override SequenceMixer Build(in LayerSite site) => new AttentionBlock(this, site);
}
