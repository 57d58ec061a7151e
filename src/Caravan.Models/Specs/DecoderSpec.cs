using System.Collections.Immutable;

namespace Caravan.Models;

/// <summary>Everything that says how a decoder computes, apart from its weights.</summary>
internal sealed record DecoderSpec
{
    /// <summary>Rows of the token embedding.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Features of the residual stream.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Tokens the model was trained to see at once.</summary>
    public required int ContextLength { get; init; }

    /// <summary>The layers, first to last.</summary>
    public required ImmutableArray<LayerSpec> Layers { get; init; }

    /// <summary>Features of the token embedding where they differ from <see cref="HiddenSize"/>: projections lead from them and back; 0 for no difference.</summary>
    public int EmbeddingSize { get; init; }

    /// <summary>Embeddings are multiplied by this; 1 for nothing.</summary>
    public float EmbeddingScale { get; init; } = 1;

    /// <summary>A vector for each position that is added to the embedding; null for none.</summary>
    public PositionSpec? Positions { get; init; }

    /// <summary>Most tokens of a sequence: there are no more positions than were learned.</summary>
    public int LongestSequence => Positions?.Count ?? int.MaxValue;

    /// <summary>The norm of embeddings before the first layer; null for none.</summary>
    public NormSpec? EmbeddingNorm { get; init; }

    /// <summary>The norm before the head; null for none.</summary>
    public NormSpec? FinalNorm { get; init; }

    /// <summary>Whether the head has a bias.</summary>
    public bool HeadBias { get; init; }

    /// <summary>Whether each row of the head is divided by its length.</summary>
    public bool UnitHead { get; init; }

    /// <summary>Logits are multiplied by this; 1 for nothing.</summary>
    public float LogitScale { get; init; } = 1;

    /// <summary>Logits z become LogitSoftCap · tanh(z / LogitSoftCap); 0 leaves them.</summary>
    public float LogitSoftCap { get; init; }

    /// <summary>Whether the head uses the token embedding's matrix.</summary>
    public bool TiedHead { get; init; }

    /// <summary>Which tokens of a sequence see each other whatever their order; null for none.</summary>
    public PrefixSpec? Prefix { get; init; }

    /// <summary>Whether a token's place in the rotary embedding depends on how long the whole sequence is (dynamic scaling).</summary>
    public bool DependsOnLength => Rotaries.Any(rotary => rotary.Scaling is { DependsOnLength: true });

    /// <summary>The rotary embeddings of its layers, each once.</summary>
    public IEnumerable<RotarySpec> Rotaries => Layers.Select(layer => layer.SequenceMixer.Rotation?.Rotary).OfType<RotarySpec>().Distinct();
}
