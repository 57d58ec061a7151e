using Caravan.Kernels;

namespace Caravan.Models;

/// <summary>
/// LLaMA and the models built like it: RMS norms before each half of a layer, rotary positions, grouped-query attention, a SiLU-gated MLP.
/// <code>
/// tokens → embedding → [ + attention(norm x) → + down(silu(gate) · up)(norm x) ] × n → norm → head
/// </code>
/// </summary>
internal class Llama : Family
{
    /// <inheritdoc/>
    public override string Name => "llama";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["llama", "aquila"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> GgufArchitectures => ["llama"];

    /// <inheritdoc/>
    public override string Paper => "Touvron et al. 2023, \"LLaMA: Open and Efficient Foundation Language Models\"";

    /// <summary>llama.cpp stores the rows of Q and K in RoFormer's order.</summary>
    public override RotaryLayout GgufRotary => RotaryLayout.Interleaved;

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        new("embedding.weight", "model.embed_tokens.weight", "token_embd.weight"),
        new("layers.{n}.mixer_norm.weight", "model.layers.{n}.input_layernorm.weight", "blk.{n}.attn_norm.weight"),
        new("layers.{n}.attention.query.weight", "model.layers.{n}.self_attn.q_proj.weight", "blk.{n}.attn_q.weight", Rotary: true),
        new("layers.{n}.attention.query.bias", "model.layers.{n}.self_attn.q_proj.bias", "blk.{n}.attn_q.bias", Rotary: true),
        new("layers.{n}.attention.key.weight", "model.layers.{n}.self_attn.k_proj.weight", "blk.{n}.attn_k.weight", Rotary: true),
        new("layers.{n}.attention.key.bias", "model.layers.{n}.self_attn.k_proj.bias", "blk.{n}.attn_k.bias", Rotary: true),
        new("layers.{n}.attention.value.weight", "model.layers.{n}.self_attn.v_proj.weight", "blk.{n}.attn_v.weight"),
        new("layers.{n}.attention.value.bias", "model.layers.{n}.self_attn.v_proj.bias", "blk.{n}.attn_v.bias"),
        new("layers.{n}.attention.output.weight", "model.layers.{n}.self_attn.o_proj.weight", "blk.{n}.attn_output.weight"),
        new("layers.{n}.attention.output.bias", "model.layers.{n}.self_attn.o_proj.bias", "blk.{n}.attn_output.bias"),
        new("layers.{n}.feed_forward_norm.weight", "model.layers.{n}.post_attention_layernorm.weight", "blk.{n}.ffn_norm.weight"),
        new("layers.{n}.feed_forward.gate.weight", "model.layers.{n}.mlp.gate_proj.weight", "blk.{n}.ffn_gate.weight"),
        new("layers.{n}.feed_forward.gate.bias", "model.layers.{n}.mlp.gate_proj.bias", "blk.{n}.ffn_gate.bias"),
        new("layers.{n}.feed_forward.up.weight", "model.layers.{n}.mlp.up_proj.weight", "blk.{n}.ffn_up.weight"),
        new("layers.{n}.feed_forward.up.bias", "model.layers.{n}.mlp.up_proj.bias", "blk.{n}.ffn_up.bias"),
        new("layers.{n}.feed_forward.down.weight", "model.layers.{n}.mlp.down_proj.weight", "blk.{n}.ffn_down.weight"),
        new("layers.{n}.feed_forward.down.bias", "model.layers.{n}.mlp.down_proj.bias", "blk.{n}.ffn_down.bias"),
        new("final_norm.weight", "model.norm.weight", "output_norm.weight"),
        new("head.weight", "lm_head.weight", "output.weight"),
        new("rotary_divisors", "", "rope_freqs.weight"),
    ];

    /// <inheritdoc/>
    public override DecoderSpec Spec(ConfigReader config)
    {
        int hidden = config.Size("hidden_size"), heads = config.Size("num_attention_heads");
        int headSize = config.Size("head_dim", absent: hidden / heads, most: 65_536);
        RequireValuesLikeKeys(config, headSize);
        AttentionSpec attention = new()
        {
            Heads = heads,
            KeyValueHeads = config.Size("num_key_value_heads", absent: KeyValueHeadsWhenAbsent(heads)),
            HeadSize = headSize,
            InputBias = config.Flag("attention_bias", absent: config.Weights.Has("layers.0.attention.query.bias")),
            OutputBias = config.Flag("attention_bias", absent: config.Weights.Has("layers.0.attention.output.bias")),
            Rotary = RotaryReader.Read(config, headSize, RotaryLayoutOf(config)),
            Window = Window(config),
        };
        GatedMlpSpec feedForward = new()
        {
            IntermediateSize = config.Size("intermediate_size"),
            Activation = ActivationReader.Read(config, "hidden_act", absent: "silu"),
            Bias = config.Flag("mlp_bias", absent: config.Weights.Has("layers.0.feed_forward.gate.bias")),
        };
        return new DecoderSpec
        {
            VocabularySize = config.Size("vocab_size", absent: config.Weights.Rows("embedding.weight")),
            HiddenSize = hidden,
            ContextLength = config.Size("max_position_embeddings", absent: 2048, most: int.MaxValue),
            NormEpsilon = (float)config.Real("rms_norm_eps", absent: 1e-6),
            Layers = [.. Enumerable.Repeat(new LayerSpec(attention, feedForward), config.Size("num_hidden_layers", most: 100_000))],
            TiedHead = config.Flag("tie_word_embeddings", absent: !config.Weights.Has("head.weight")),
        };
    }

    /// <inheritdoc/>
    public override string? Inexpressible(DecoderSpec spec, bool gguf)
    {
        if (!spec.Layers.All(spec.Layers[0].Equals)) return "layers that differ from each other";
        (AttentionSpec attention, GatedMlpSpec feedForward) = (spec.Layers[0].Mixer, spec.Layers[0].FeedForward);
        if (gguf) return feedForward.Activation == ActivationFunction.Silu ? null : $"the activation {feedForward.Activation}";
        if (attention.Rotary.Dimensions != attention.HeadSize) return "heads that are rotated only in part";
        return InexpressibleInConfigJson(attention, feedForward);
    }

    /// <summary>The part of <see cref="Inexpressible"/> in which the configuration classes of transformers differ between kin.</summary>
    protected virtual string? InexpressibleInConfigJson(AttentionSpec attention, GatedMlpSpec feedForward)
    {
        if (attention.Window != 0) return "a sliding window";
        return attention.InputBias == attention.OutputBias ? null : "biases on some of the attention's projections";
    }

    /// <summary>GGUF has a key for the features of value heads of their own; here they are as many as those of keys.</summary>
    private static void RequireValuesLikeKeys(ConfigReader config, int headSize)
    {
        const string key = "attention.value_length";
        if (config.IsGguf && config.Integer(key, absent: headSize) is int size && size != headSize) throw config.Unsupported(key, $"{size}", $"{headSize}");
    }

    /// <summary>Keys a query sees; 0 means all. GGUF files of windowed kin carry the key; transformers' LLaMA has none.</summary>
    protected virtual int Window(ConfigReader config) => config.IsGguf ? config.OptionalInteger("sliding_window", absent: null) ?? 0 : 0;

    /// <summary>Key heads where the configuration does not say: one for each query head.</summary>
    protected virtual int KeyValueHeadsWhenAbsent(int heads) => heads;
}
