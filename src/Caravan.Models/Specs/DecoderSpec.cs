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

    /// <summary>The norm before the head.</summary>
    public required NormSpec FinalNorm { get; init; }

    /// <summary>Whether the head uses the token embedding's matrix.</summary>
    public bool TiedHead { get; init; }

    /// <summary>Whether a token's place in the rotary embedding depends on how long the whole sequence is (dynamic scaling).</summary>
    public bool DependsOnLength => Rotaries.Any(rotary => rotary.Scaling is { DependsOnLength: true });

    /// <summary>The rotary embeddings of its layers, each once.</summary>
    public IEnumerable<RotarySpec> Rotaries => Layers.Select(layer => layer.SequenceMixer.Rotation?.Rotary).OfType<RotarySpec>().Distinct();
}
