using System.Collections.Immutable;

namespace Caravan.Models;

/// <summary>What all kinds of models share: rows come in, pass layers, and are normalised.</summary>
internal abstract record StackSpec
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

    /// <summary>How tokens of one kind are told apart by numbers; null where sequences have no such tokens.</summary>
    public NumberingSpec? Numbering { get; init; }

    /// <summary>A vector for each position that is added to the embedding; null for none.</summary>
    public PositionSpec? Positions { get; init; }

    /// <summary>Most tokens of a sequence: there are no more positions than were learned.</summary>
    public int LongestSequence => Positions?.Count ?? int.MaxValue;

    /// <summary>The norm of embeddings before the first layer; null for none.</summary>
    public NormSpec? EmbeddingNorm { get; init; }

    /// <summary>The norm after the last layer; null for none.</summary>
    public NormSpec? FinalNorm { get; init; }

    /// <summary>Kinds of tokens, such as those of a first and a second sentence, each with a vector that is added to the embedding (BERT); 0 for no such vectors.</summary>
    public int TokenTypes { get; init; }

    /// <summary>Whether a token's place in the rotary embedding depends on how long the whole sequence is (dynamic scaling).</summary>
    public bool DependsOnLength => Rotaries.Any(rotary => rotary.Scaling is { DependsOnLength: true });

    /// <summary>The rotary embeddings of its layers, each once.</summary>
    public IEnumerable<RotarySpec> Rotaries => Layers.Select(layer => layer.SequenceMixer.Rotation?.Rotary).OfType<RotarySpec>().Distinct();

    /// <summary>This without its layers, which are compared one by one.</summary>
    public virtual StackSpec WithoutLayers => this with { Layers = [] };

    /// <summary>The layer that a weight belongs to, or the first.</summary>
    public virtual LayerSpec LayerOf(WeightName weight) => Layers[weight.Layer ?? 0];

    /// <summary>What about it cannot be; null when its parts fit each other.</summary>
    public virtual string? Flaw =>
        Layers.Distinct().Select(layer => layer.Flaw).FirstOrDefault(flaw => flaw is not null) ?? EmbeddingNorm?.Flaw ?? FinalNorm?.Flaw
        ?? (Numbering is not null && HiddenSize % 2 != 0 ? $"turns embeddings by the numbers of their tokens, and their {HiddenSize} features are no pairs" : null);

    /// <summary>What computes it.</summary>
    public abstract Network Build(WeightReader weights);
}
