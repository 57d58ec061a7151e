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
    private const string ValueLengthKey = "attention.value_length";

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
    public override IReadOnlyList<WeightRow> Weights => DenseWeights;

    /// <summary>The weights of kin whose feed-forward blocks all tokens pass.</summary>
    protected static IReadOnlyList<WeightRow> DenseWeights { get; } =
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

    /// <summary>A GGUF of this architecture may have experts: then it is <see cref="Mixtral"/>'s.</summary>
    public override bool Recognises(IConfigSource config) => config.Find(Mixtral.ExpertsKey) is null or 0L;

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
            Rotary = RotaryKeys.Read(config, headSize, RotaryLayoutOf(config), RotaryBaseWhenAbsent),
            Window = Window(config),
        };
        NormSpec norm = new((float)config.Real("rms_norm_eps", absent: NormEpsilonWhenAbsent));
        return new DecoderSpec
        {
            VocabularySize = config.Size("vocab_size", absent: config.Weights.Rows("embedding.weight")),
            HiddenSize = hidden,
            ContextLength = config.Size("max_position_embeddings", absent: 2048, most: int.MaxValue),
            Layers = [.. Enumerable.Repeat(new LayerSpec(norm, attention, ChannelMixer(config)), config.Size("num_hidden_layers", most: 100_000))],
            FinalNorm = norm,
            TiedHead = config.Flag("tie_word_embeddings", absent: !config.Weights.Has("head.weight")),
        };
    }

    /// <inheritdoc/>
    public override void Describe(DecoderSpec spec, ConfigWriter config)
    {
        AttentionSpec attention = (AttentionSpec)spec.Layers[0].SequenceMixer;
        config.Set("vocab_size", spec.VocabularySize);
        config.Set("max_position_embeddings", spec.ContextLength);
        config.Set("hidden_size", spec.HiddenSize);
        config.Set("num_hidden_layers", spec.Layers.Length);
        config.Set("num_attention_heads", attention.Heads);
        config.Set("num_key_value_heads", attention.KeyValueHeads);
        config.Set("head_dim", attention.HeadSize);
        config.Set("rms_norm_eps", (double)spec.FinalNorm.Epsilon);
        if (attention.Window > 0) config.Set("sliding_window", attention.Window);
        if (config.IsGguf) config.Set(ValueLengthKey, attention.HeadSize);
        else config.Set("attention_bias", attention.InputBias);
        if (!config.IsGguf) config.Set("tie_word_embeddings", spec.TiedHead);
        RotaryKeys.Write(config, attention.Rotary);
        Describe(spec.Layers[0].ChannelMixer, config);
    }

    /// <inheritdoc/>
    public override string? Inexpressible(DecoderSpec spec, bool gguf)
    {
        if (!spec.Layers.All(spec.Layers[0].Equals)) return "layers that differ from each other";
        if (spec.Layers[0].SequenceMixer is not AttentionSpec attention) return "sequence mixers other than attention";
        if (InexpressibleChannelMixer(spec.Layers[0].ChannelMixer, gguf) is { } mixer) return mixer;
        if (gguf) return null;
        if (attention.Rotary.Dimensions != attention.HeadSize) return "heads that are rotated only in part";
        return InexpressibleInConfigJson(attention, spec.Layers[0].ChannelMixer);
    }

    /// <summary>The second half of a layer.</summary>
    protected virtual ChannelMixerSpec ChannelMixer(ConfigReader config) => new GatedMlpSpec
    {
        IntermediateSize = config.Size("intermediate_size"),
        Activation = ActivationReader.Read(config, "hidden_act", absent: "silu"),
        Bias = config.Flag("mlp_bias", absent: config.Weights.Has("layers.0.feed_forward.gate.bias")),
    };

    /// <summary>Its keys.</summary>
    protected virtual void Describe(ChannelMixerSpec mixer, ConfigWriter config)
    {
        GatedMlpSpec feedForward = (GatedMlpSpec)mixer;
        config.Set("intermediate_size", feedForward.IntermediateSize);
        if (config.IsGguf) return;
        config.Set("hidden_act", ActivationReader.NameOf(feedForward.Activation));
        config.Set("mlp_bias", feedForward.Bias);
    }

    /// <summary>The part of <see cref="Inexpressible"/> about the second half of a layer: GGUF has no key for its activation.</summary>
    protected virtual string? InexpressibleChannelMixer(ChannelMixerSpec mixer, bool gguf) =>
        mixer is not GatedMlpSpec feedForward ? "feed-forward blocks of another kind"
        : gguf && feedForward.Activation != ActivationFunction.Silu ? $"the activation {feedForward.Activation}"
        : null;

    /// <summary>The part of <see cref="Inexpressible"/> in which the configuration classes of transformers differ between kin.</summary>
    protected virtual string? InexpressibleInConfigJson(AttentionSpec attention, ChannelMixerSpec mixer)
    {
        if (attention.Window != 0) return "a sliding window";
        return attention.InputBias == attention.OutputBias ? null : "biases on some of the attention's projections";
    }

    /// <summary>GGUF has a key for the features of value heads of their own; here they are as many as those of keys.</summary>
    private static void RequireValuesLikeKeys(ConfigReader config, int headSize)
    {
        if (config.IsGguf && config.Integer(ValueLengthKey, absent: headSize) is int size && size != headSize)
            throw config.Unsupported(ValueLengthKey, $"{size}", $"{headSize}");
    }

    /// <summary>Keys a query sees; 0 means all. GGUF files of windowed kin carry the key; transformers' LLaMA has none.</summary>
    protected virtual int Window(ConfigReader config) => config.IsGguf ? config.OptionalInteger("sliding_window", absent: null) ?? 0 : 0;

    /// <summary>Key heads where the configuration does not say: one for each query head.</summary>
    protected virtual int KeyValueHeadsWhenAbsent(int heads) => heads;

    /// <summary>Base of the rotary frequencies where the configuration does not say.</summary>
    protected virtual double RotaryBaseWhenAbsent => 10_000;

    /// <summary>Epsilon of the norms where the configuration does not say.</summary>
    protected virtual double NormEpsilonWhenAbsent => 1e-6;
}
