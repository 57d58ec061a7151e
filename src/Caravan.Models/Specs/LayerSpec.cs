namespace Caravan.Models;

/// <summary>One layer: a mixer along the sequence and one along the features, each with a norm and a way around it.</summary>
/// <param name="Norm">What both norms are.</param>
/// <param name="SequenceMixer">What mixes along the sequence.</param>
/// <param name="ChannelMixer">What mixes along the features.</param>
internal sealed record LayerSpec(NormSpec Norm, SequenceMixerSpec SequenceMixer, ChannelMixerSpec ChannelMixer)
{
    /// <summary>In which order they come.</summary>
    public LayerOrder Order { get; init; }

    /// <summary>A norm of what each mixer gives before it is added (Gemma 2, Grok-1); null for none.</summary>
    public NormSpec? BranchNorm { get; init; }

    /// <summary>
    /// A block with a norm of its own between the mixers: x₁ = x + mixer(norm x), x₁ += residual(norm x₁), and the channel mixer, which then sees
    /// the layer's input, adds mixer(norm x) (Arctic); null for none. Only with <see cref="LayerOrder.PreNorm"/>.
    /// </summary>
    public GatedMlpSpec? Residual { get; init; }

    /// <summary>
    /// A block behind the channel mixer, with a norm and a way around it of its own (OpenMoE); null for none. Only with <see cref="LayerOrder.PreNorm"/>.
    /// </summary>
    public GatedMlpSpec? Extra { get; init; }

    /// <summary>What each mixer gives is multiplied by this before it is added; 1 for nothing.</summary>
    public float BranchScale { get; init; } = 1;

    /// <summary>What each mixer's result is added to is multiplied by this first; only with <see cref="LayerOrder.NormedResidual"/> and <see cref="LayerOrder.PreNorm"/>. 1 for nothing.</summary>
    public float ResidualScale { get; init; } = 1;

    /// <summary>Attention to the rows of an encoder, between the two halves, with a norm and a way around it of its own; null for none.</summary>
    public AttentionSpec? CrossAttention { get; init; }

    /// <summary>Features of the key, and as many of the value, that pages keep for each token of the layer's own sequence or of the encoder's.</summary>
    public int KeyValueWidth => Math.Max(SequenceMixer.KeyValueWidth, CrossAttention?.KeyValueWidth ?? 0);

    /// <summary>What the layer gives is multiplied by this; 1 for nothing.</summary>
    public float OutputScale { get; init; } = 1;

    /// <summary>Floats that its mixers keep of each sequence.</summary>
    public int StateSize => checked(SequenceMixer.StateSize + ChannelMixer.StateSize);

    /// <summary>Whether it mixes along the sequence.</summary>
    public bool HasSequenceMixer => SequenceMixer is not NoSequenceMixerSpec;

    /// <summary>Whether it mixes along the features.</summary>
    public bool HasChannelMixer => ChannelMixer is not NoChannelMixerSpec;

    /// <summary>Whether the two halves of the layer have norms of their own.</summary>
    public bool HasSecondNorm => HasChannelMixer && Order != LayerOrder.Parallel;

    /// <summary>What is told of its mixers.</summary>
    public IEnumerable<SpecFact> Facts => SequenceMixer.Facts.Concat(ChannelMixer.Facts);

    /// <summary>What about it cannot be; null when its parts fit each other.</summary>
    public string? Flaw => Norm.Flaw ?? BranchNorm?.Flaw ?? SequenceMixer.Flaw ?? CrossAttention?.Flaw ?? ChannelMixer.Flaw;
}
