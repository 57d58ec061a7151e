namespace Caravan.Models;

/// <summary>
/// TeleChat: LLaMA under BLOOM's names with keys and values in one matrix, head by head, biases on the projections back, and a rotary base that
/// grows in steps. Checked against the published modelling code's formulas; there is no reference output here.
/// </summary>
internal sealed class TeleChat : LlamaKin
{
    private const string BaseLengthKey = "base_seqlen", TrainingLengthKey = "training_seqlen", LogarithmicKey = "logn", EmbeddingNormKey = "embed_layernorm";
    private const string NormedResidualKey = "apply_residual_connection_post_layernorm";

    /// <inheritdoc/>
    public override string Name => "telechat";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["telechat"];

    /// <summary>llama.cpp knows none.</summary>
    public override IReadOnlyList<string> GgufArchitectures => [];

    /// <inheritdoc/>
    public override string Paper => "Wang et al. 2024, \"TeleChat Technical Report\"";

    /// <inheritdoc/>
    public override string BasePrefix => "transformer.";

    /// <inheritdoc/>
    public override IReadOnlyList<string> KeysWithoutInfluence => [.. base.KeysWithoutInfluence, "flash_attn", "unk_token_id", "skip_bias_add_qkv"];

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> AttributeMap { get; } = new Dictionary<string, string>
    {
        ["max_position_embeddings"] = "seq_length",
        ["num_hidden_layers"] = "n_layer",
        ["num_attention_heads"] = "n_head",
        ["intermediate_size"] = "ffn_hidden_size",
        ["rms_norm_eps"] = "layer_norm_epsilon",
    };

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        new("embedding.weight", "transformer.word_embeddings.weight"),
        new("layers.{n}.mixer_norm.weight", "transformer.h.{n}.input_layernorm.weight"),
        new("layers.{n}.attention.query.weight", "transformer.h.{n}.self_attention.query.weight", Rotary: true),
        new("layers.{n}.attention.key.weight", FusedRows.KeyValue("transformer.h.{n}.self_attention.key_value.weight", AttentionPart.Key), Rotary: true),
        new("layers.{n}.attention.value.weight", FusedRows.KeyValue("transformer.h.{n}.self_attention.key_value.weight", AttentionPart.Value)),
        .. WeightRow.Pair("layers.{n}.attention.output", "transformer.h.{n}.self_attention.dense"),
        new("layers.{n}.feed_forward_norm.weight", "transformer.h.{n}.post_attention_layernorm.weight"),
        new("layers.{n}.feed_forward.gate.weight", "transformer.h.{n}.mlp.gate_proj.weight"),
        new("layers.{n}.feed_forward.up.weight", "transformer.h.{n}.mlp.up_proj.weight"),
        .. WeightRow.Pair("layers.{n}.feed_forward.down", "transformer.h.{n}.mlp.down_proj"),
        new("final_norm.weight", "transformer.ln_f.weight"),
        new("head.weight", "lm_head.weight"),
    ];

    /// <inheritdoc/>
    protected override double NormEpsilonWhenAbsent => 1e-5;

    /// <inheritdoc/>
    protected override LayerSpec Layer(ConfigReader config)
    {
        foreach (string key in (string[])[LogarithmicKey, EmbeddingNormKey, NormedResidualKey])
            if (config.Flag(key, absent: false)) throw config.Unsupported(key, "true", "false");
        return base.Layer(config);
    }

    /// <inheritdoc/>
    protected override ChannelMixerSpec ChannelMixer(ConfigReader config) =>
        GatedMlp(config) with { OutputBias = config.Weights.Has("layers.0.feed_forward.down.bias") };

    /// <inheritdoc/>
    protected override RotarySpec? Rotary(ConfigReader config, int headSize) => base.Rotary(config, headSize)! with
    {
        Scaling = new SteppedDynamicScaling(config.Size(BaseLengthKey, absent: 8192)) { LeastLength = config.Size(TrainingLengthKey, absent: 8192), Sharpened = true },
    };

    /// <inheritdoc/>
    protected override void Describe(AttentionSpec attention, ConfigWriter config)
    {
        base.Describe(attention, config);
        if (attention.Rotary?.Scaling is not SteppedDynamicScaling scaling) return;
        config.Set(BaseLengthKey, scaling.TrainedLength);
        config.Set(TrainingLengthKey, scaling.LeastLength);
    }
}
