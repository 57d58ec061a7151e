namespace Caravan.Models;

/// <summary>
/// Baichuan: LLaMA with queries, keys and values in one matrix. The 13B models have linear biases (ALiBi) instead of rotary positions.
/// </summary>
internal class Baichuan : LlamaKin
{
    private const string ContextKey = "max_position_embeddings";

    /// <summary>Vocabulary of Baichuan 2, and of nothing else.</summary>
    private const int SecondVocabulary = 125_696;

    /// <summary>Layers of 13B: llama.cpp tells it by their number.</summary>
    private const int LayersOf13B = 40;

    /// <inheritdoc/>
    public override string Name => "baichuan";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["baichuan"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> GgufArchitectures => ["baichuan"];

    /// <inheritdoc/>
    public override string Paper => "Baichuan Inc. 2023, \"Baichuan-7B\" and \"Baichuan-13B\"";

    /// <inheritdoc/>
    public override IReadOnlyList<string> KeysWithoutInfluence => [.. base.KeysWithoutInfluence, "model_max_length"];

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        .. DenseWeights.Where(row => !row.Name.Contains("attention.", StringComparison.Ordinal)),
        .. FusedRows.QueryKeyValue(FusedRows.Blocks, "model.layers.{n}.self_attn.W_pack", FusedRows.Apart),
        .. WeightRow.Pair("layers.{n}.attention.output", "model.layers.{n}.self_attn.o_proj", "blk.{n}.attn_output"),
    ];

    /// <summary>Hugging Face's folders of Baichuan 2 are <see cref="Baichuan2"/>'s.</summary>
    public override bool Recognises(IConfigSource config) => config.IsGguf || !IsSecond(config);

    /// <summary>GGUF has no word for a head whose rows count by their direction alone: it keeps it divided already.</summary>
    public override string? Inexpressible(DecoderSpec spec, bool gguf, WeightReader weights) =>
        LostWhenReadBack(gguf ? spec with { UnitHead = spec.VocabularySize == SecondVocabulary } : spec, gguf, weights);

    /// <inheritdoc/>
    public override DecoderSpec Spec(ConfigReader config)
    {
        DecoderSpec spec = base.Spec(config);
        if (config.IsGguf) return spec with { UnitHead = spec.VocabularySize == SecondVocabulary };
        return config.Has(ContextKey) ? spec : spec with { ContextLength = config.Size("model_max_length", absent: 4096, most: int.MaxValue) };
    }

    /// <summary>13B's configuration has no <c>max_position_embeddings</c>, because it has no table of them.</summary>
    protected override AttentionSpec Attention(ConfigReader config)
    {
        AttentionSpec attention = base.Attention(config);
        bool linear = config.IsGguf ? config.Size("num_hidden_layers") == LayersOf13B : !config.Has(ContextKey);
        return linear ? attention with { Rotary = null, Alibi = AlibiSpec.AfterScaling(attention) } : attention;
    }

    /// <inheritdoc/>
    public override void Describe(DecoderSpec spec, ConfigWriter config)
    {
        base.Describe(spec, config);
        if (config.IsGguf || spec.Rotaries.Any()) return;
        config.Remove(ContextKey);
        config.Set("model_max_length", spec.ContextLength);
    }

    /// <summary>Only the second generation trained with such a loss.</summary>
    protected static bool IsSecond(IConfigSource config) => config.Find("z_loss_weight") is not null || config.Find("vocab_size") is (long)SecondVocabulary;
}
