namespace Caravan.Models;

/// <summary>
/// BERT: an encoder with norms after each half of a layer, learned positions, and a vector for each of two sentences.
/// <code>
/// tokens → embedding + position + type → norm → [ norm(x + attention x) → norm(x + down(gelu(up)) x) ] × n → rows
/// </code>
/// </summary>
internal class Bert : StackFamily
{
    /// <inheritdoc/>
    public override string Name => "bert";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["bert"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> GgufArchitectures => ["bert"];

    /// <inheritdoc/>
    public override string Paper => "Devlin et al. 2019, \"BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding\"";

    /// <inheritdoc/>
    public override string BasePrefix => "bert.";

    /// <inheritdoc/>
    public override string HuggingFaceClass => "BertModel";

    /// <inheritdoc/>
    public override IReadOnlyList<string> KeysWithoutInfluence => ["type_vocab_size", "bert.pooling_type", "bert.attention.causal"];

    /// <summary>Checkpoints that were made from TensorFlow's call the parts of norms gamma and beta.</summary>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        new("embedding.weight", "bert.embeddings.word_embeddings.weight", "token_embd.weight"),
        new("positions.weight", "bert.embeddings.position_embeddings.weight", "position_embd.weight"),
        new("token_types.weight", "bert.embeddings.token_type_embeddings.weight", "token_types.weight"),
        .. NormRows("embedding_norm", "bert.embeddings.LayerNorm", "token_embd_norm"),
        .. LayerRows("bert.encoder.layer.{n}"),
        .. WeightRow.Pair("pooler", "bert.pooler.dense"),
        .. WeightRow.Pair("head_transform", "cls.predictions.transform.dense"),
        .. NormRows("head_norm", "cls.predictions.transform.LayerNorm"),
        new("head.weight", "cls.predictions.decoder.weight"),
        new("head.bias", "cls.predictions.bias"),
    ];

    /// <summary>Row numbers, and second copies of the head's bias.</summary>
    public override bool IsBuffer(string name) =>
        name.EndsWith("embeddings.position_ids", StringComparison.Ordinal) || name is "cls.predictions.decoder.bias" or "lm_head.decoder.bias";

    /// <summary>Heads over the rows: GGUF has none of them.</summary>
    public override bool IsHead(string name) => name.StartsWith("pooler.", StringComparison.Ordinal) || name.StartsWith("head", StringComparison.Ordinal);

    /// <summary>Rows of the table of positions before that of position 0.</summary>
    protected virtual int PositionOffset(ConfigReader config) => 0;

    /// <inheritdoc/>
    protected override double NormEpsilonWhenAbsent => 1e-12;

    /// <inheritdoc/>
    protected override int ContextWhenAbsent => 512;

    /// <inheritdoc/>
    public override EncoderSpec Spec(ConfigReader config)
    {
        if (config.Text("position_embedding_type", absent: "absolute") is var kind && kind != "absolute") throw config.Unsupported("position_embedding_type", kind, "absolute");
        if (config.Flag("is_decoder", absent: false)) throw config.Unsupported("is_decoder", "true", "false");
        NormSpec norm = Norm(config);
        int positions = config.Size("max_position_embeddings", absent: ContextWhenAbsent), offset = PositionOffset(config);
        return new EncoderSpec
        {
            VocabularySize = config.Size("vocab_size", absent: config.Weights.Rows("embedding.weight")),
            HiddenSize = config.Size("hidden_size"),
            ContextLength = positions - offset,
            Layers = [.. Layers(config, config.Size("num_hidden_layers", most: 100_000))],
            Positions = new PositionSpec(positions, offset),
            TokenTypes = config.Weights.Has("token_types.weight") ? config.Weights.Rows("token_types.weight") : 0,
            EmbeddingNorm = norm,
            HasPooler = config.Weights.Has("pooler.weight"),
            MaskedHead = config.Weights.Has("head_transform.weight")
                ? new MaskedHeadSpec(HeadActivation(config), norm, config.Flag("tie_word_embeddings", absent: !config.Weights.Has("head.weight")))
                : null,
        };
    }

    /// <inheritdoc/>
    public override void Describe(StackSpec spec, ConfigWriter config)
    {
        DescribeStack(spec, config);
        config.Set("max_position_embeddings", spec.Positions!.Rows);
        if (config.IsGguf) config.Set("attention.causal", false);
        else config.Set("type_vocab_size", spec.TokenTypes);
        // llama.cpp wants at least one, also of models without.
        if (config.IsGguf) config.Set("tokenizer.ggml.token_type_count", Math.Max(1, spec.TokenTypes));
    }

    /// <summary>The activation of the head that guesses masked tokens.</summary>
    protected virtual Kernels.ActivationFunction HeadActivation(ConfigReader config) => ActivationReader.Read(config, "hidden_act", absent: ActivationWhenAbsent);

    /// <inheritdoc/>
    protected override LayerSpec Layer(ConfigReader config) => base.Layer(config) with { Order = LayerOrder.PostNorm };

    /// <inheritdoc/>
    protected override AttentionSpec Attention(ConfigReader config) => base.Attention(config) with { Bidirectional = true };

    /// <inheritdoc/>
    protected override RotarySpec? Rotary(ConfigReader config, int headSize) => null;

    /// <summary>The weights of a layer.</summary>
    protected static IEnumerable<WeightRow> LayerRows(string there) =>
    [
        .. WeightRow.Pair("layers.{n}.attention.query", $"{there}.attention.self.query", "blk.{n}.attn_q"),
        .. WeightRow.Pair("layers.{n}.attention.key", $"{there}.attention.self.key", "blk.{n}.attn_k"),
        .. WeightRow.Pair("layers.{n}.attention.value", $"{there}.attention.self.value", "blk.{n}.attn_v"),
        .. WeightRow.Pair("layers.{n}.attention.output", $"{there}.attention.output.dense", "blk.{n}.attn_output"),
        .. NormRows("layers.{n}.mixer_norm", $"{there}.attention.output.LayerNorm", "blk.{n}.attn_output_norm"),
        .. WeightRow.Pair("layers.{n}.feed_forward.up", $"{there}.intermediate.dense", "blk.{n}.ffn_up"),
        .. WeightRow.Pair("layers.{n}.feed_forward.down", $"{there}.output.dense", "blk.{n}.ffn_down"),
        .. NormRows("layers.{n}.feed_forward_norm", $"{there}.output.LayerNorm", "blk.{n}.layer_output_norm"),
    ];

    /// <summary>The parts of a norm by both pairs of names.</summary>
    protected static IEnumerable<WeightRow> NormRows(string name, string there, string? gguf = null) =>
    [
        .. WeightRow.Pair(name, there, gguf),
        .. WeightRow.Pair(name, there, gguf).Zip((string[])["gamma", "beta"], (row, old) => row with { HuggingFace = $"{there}.{old}" }),
    ];
}
