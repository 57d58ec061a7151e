namespace Caravan.Models;

/// <summary>The attention of a layer.</summary>
internal sealed record AttentionSpec
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
}
