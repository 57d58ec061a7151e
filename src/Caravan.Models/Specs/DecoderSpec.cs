namespace Caravan.Models;

/// <summary>Everything that says how a decoder computes, apart from its weights.</summary>
internal sealed record DecoderSpec : StackSpec
{
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

    /// <summary>The encoder whose rows its layers attend to; null where it stands alone.</summary>
    public EncoderSpec? Encoder { get; init; }

    /// <summary>How it sees images; null for texts alone.</summary>
    public ImageInputSpec? Images { get; init; }

    /// <summary>The token before the first one that a decoder behind an encoder generates.</summary>
    public int StartToken { get; init; }

    /// <summary>The first token that a decoder behind an encoder always generates; null where it is free to choose.</summary>
    public int? ForcedToken { get; init; }

    /// <summary>The tokens that a decoder behind an encoder begins with.</summary>
    public int[] StartTokens => ForcedToken is { } forced ? [StartToken, forced] : [StartToken];

    /// <summary>Floats that its layers keep of each sequence beside pages; 0 for attention alone.</summary>
    public long StateSize => Layers.Sum(layer => (long)layer.StateSize);

    /// <summary>How many ways in which parts of a sequence lie to each other its layers tell apart.</summary>
    public int Relations => Layers.Select(layer => ((layer.SequenceMixer as AttentionSpec)?.Bias as RelativeBiasSpec)?.FurtherRows ?? int.MaxValue).Append(int.MaxValue).Min();

    /// <summary>Whether what pages hold follows from the tokens up to theirs, so that sequences with the same beginning can share them.</summary>
    public bool SharesPages => !DependsOnLength && StateSize == 0;

    /// <inheritdoc/>
    public override StackSpec WithoutLayers => this with { Layers = [], Encoder = (EncoderSpec?)Encoder?.WithoutLayers, Images = Images is { } images ? images with { Tower = (VisionSpec)images.Tower.WithoutLayers } : null };

    /// <inheritdoc/>
    public override string? Flaw => base.Flaw ?? Encoder?.Flaw ?? Images?.Tower.Flaw
        ?? (StartTokens.Any(token => (uint)token >= (uint)VocabularySize) ? $"begins answers with the tokens {string.Join(", ", StartTokens)}, of which it knows only 0 to {VocabularySize - 1}" : null);

    /// <inheritdoc/>
    public override LayerSpec LayerOf(WeightName weight) =>
        Encoder is not null && weight.Template.StartsWith(EncoderDecoder.EncoderPrefix, StringComparison.Ordinal) ? Encoder.LayerOf(weight) : base.LayerOf(weight);

    /// <inheritdoc/>
    public override Network Build(WeightReader weights) => Encoder is not null ? new EncoderDecoder(this, weights)
        : Images is not null ? new VisionLanguage(this, weights)
        : new Decoder(this, weights);
}
