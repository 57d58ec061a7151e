namespace Caravan.Models;

/// <summary>What most decoders share, whether they stand alone or behind an encoder. A family overrides what differs.</summary>
internal abstract class DecoderFamily : StackFamily
{
    /// <inheritdoc/>
    public override DecoderSpec Spec(ConfigReader config)
    {
        NormSpec norm = Norm(config);
        int layers = config.Size("num_hidden_layers", most: 100_000);
        return new DecoderSpec
        {
            VocabularySize = config.Size("vocab_size", absent: config.Weights.Rows("embedding.weight")),
            HiddenSize = config.Size("hidden_size"),
            ContextLength = config.Size("max_position_embeddings", absent: ContextWhenAbsent, most: int.MaxValue),
            Layers = [.. Layers(config, layers)],
            FinalNorm = norm,
            HeadBias = config.Weights.Has("head.bias"),
            TiedHead = TiedHead(config),
        };
    }

    /// <inheritdoc/>
    public sealed override void Describe(StackSpec spec, ConfigWriter config) => Describe((DecoderSpec)spec, config);

    /// <inheritdoc/>
    public sealed override string? Inexpressible(StackSpec spec, bool gguf, WeightReader weights) => Inexpressible((DecoderSpec)spec, gguf, weights);

    /// <inheritdoc cref="Family.Describe(StackSpec, ConfigWriter)"/>
    public virtual void Describe(DecoderSpec spec, ConfigWriter config)
    {
        DescribeStack(spec, config);
        if (!config.IsGguf) config.Set("tie_word_embeddings", spec.TiedHead);
    }

    /// <inheritdoc cref="Family.Inexpressible(StackSpec, bool, WeightReader)"/>
    public virtual string? Inexpressible(DecoderSpec spec, bool gguf, WeightReader weights) => base.Inexpressible((StackSpec)spec, gguf, weights);

    /// <summary>Whether the head is the token embedding's matrix.</summary>
    protected virtual bool TiedHead(ConfigReader config) => config.Flag("tie_word_embeddings", absent: !config.Weights.Has("head.weight"));
}
