using Caravan.Kernels;

namespace Caravan.Models;

/// <summary>
/// RecurrentGemma, the Griffin architecture: two layers with gated linear recurrences, then one whose attention reaches back so far and no further.
/// <code>
/// tokens → embedding · √D → [ + recurrence or attention(norm x) → + down(gelu(gate) · up)(norm x) ] × n → norm → head → soft cap
/// </code>
/// </summary>
internal sealed class RecurrentGemma : DecoderFamily
{
    /// <inheritdoc/>
    public override string Name => "recurrent_gemma";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["recurrent_gemma"];

    /// <summary>llama.cpp has none for it.</summary>
    public override IReadOnlyList<string> GgufArchitectures => [];

    /// <inheritdoc/>
    public override string Paper => "De et al. 2024, \"Griffin: Mixing Gated Linear Recurrences with Local Attention for Efficient Language Models\"";

    /// <inheritdoc/>
    public override string HuggingFaceClass => "RecurrentGemmaForCausalLM";

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> AttributeMap { get; } = new Dictionary<string, string> { ["hidden_act"] = "hidden_activation" };

    /// <summary>How weights are drawn before training.</summary>
    public override IReadOnlyList<string> KeysWithoutInfluence => ["final_w_init_variance_scale", "w_init_variance_scale"];

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        new("embedding.weight", "model.embed_tokens.weight", ""),
        Norm("layers.{n}.mixer_norm", "model.layers.{n}.temporal_pre_norm"),
        .. ((string[])["query", "key", "value", "output"]).SelectMany(part =>
            WeightRow.Pair($"layers.{{n}}.attention.{part}", $"model.layers.{{n}}.temporal_block.{part[0]}_proj", "")),
        .. WeightRow.Pair("layers.{n}.recurrence.gate", "model.layers.{n}.temporal_block.linear_y", ""),
        .. WeightRow.Pair("layers.{n}.recurrence.input", "model.layers.{n}.temporal_block.linear_x", ""),
        new("layers.{n}.recurrence.conv.weight", new StoredWeight("model.layers.{n}.temporal_block.conv_1d.weight") { Transposed = true, UnitDimension = 1 }, ""),
        new("layers.{n}.recurrence.conv.bias", "model.layers.{n}.temporal_block.conv_1d.bias", ""),
        .. Gate("input_gate", "input_gate"),
        .. Gate("recurrence_gate", "recurrent_gate"),
        new("layers.{n}.recurrence.rate", "model.layers.{n}.temporal_block.rg_lru.recurrent_param", ""),
        .. WeightRow.Pair("layers.{n}.recurrence.output", "model.layers.{n}.temporal_block.linear_out", ""),
        Norm("layers.{n}.feed_forward_norm", "model.layers.{n}.channel_pre_norm"),
        .. ((string[])["gate", "up", "down"]).SelectMany(part =>
            WeightRow.Pair($"layers.{{n}}.feed_forward.{part}", $"model.layers.{{n}}.mlp_block.{part}_proj", "")),
        Norm("final_norm", "model.final_norm"),
        new("head.weight", "lm_head.weight", ""),
    ];

    /// <inheritdoc/>
    protected override string ActivationWhenAbsent => "gelu_pytorch_tanh";

    /// <summary>What attention sees is all that positions are limited by.</summary>
    protected override int ContextWhenAbsent => 8192;

    /// <summary>√D is rounded to bfloat16.</summary>
    public override DecoderSpec Spec(ConfigReader config)
    {
        DecoderSpec spec = base.Spec(config);
        return spec with
        {
            EmbeddingScale = BrainFloats.ToSingle(BrainFloats.FromSingle(MathF.Sqrt(spec.HiddenSize))),
            LogitSoftCap = (float)config.Real("logits_soft_cap", absent: 30),
        };
    }

    /// <inheritdoc/>
    protected override NormSpec Norm(ConfigReader config) => new((float)config.Real("rms_norm_eps", absent: 1e-6));

    /// <inheritdoc/>
    protected override bool TiedHead(ConfigReader config) => config.Flag("tie_word_embeddings", absent: true);

    /// <summary>The kinds of layers repeat.</summary>
    protected override IEnumerable<LayerSpec> Layers(ConfigReader config, int count)
    {
        IReadOnlyList<string> kinds = config.Texts("block_types") ?? ["recurrent", "recurrent", "attention"];
        if (kinds.FirstOrDefault(kind => kind is not ("recurrent" or "attention")) is { } other) throw config.Unsupported("block_types", other, "recurrent", "attention");
        LayerSpec attention = new(Norm(config), Attention(config), ChannelMixer(config)), recurrent = attention with { SequenceMixer = Recurrence(config) };
        return Enumerable.Range(0, count).Select(layer => kinds.Count == 0 || kinds[layer % kinds.Count] == "recurrent" ? recurrent : attention);
    }

    /// <inheritdoc/>
    protected override AttentionSpec Attention(ConfigReader config) => base.Attention(config) with
    {
        InputBias = config.Flag("attention_bias", absent: false),
        OutputBias = true,
        Window = config.Size("attention_window_size", absent: 2048),
    };

    /// <inheritdoc/>
    protected override RotarySpec Rotary(ConfigReader config, int headSize) =>
        RotaryKeys.Read(config, headSize, RotaryLayoutOf(config), RotaryBaseWhenAbsent, config.Real("partial_rotary_factor", absent: 0.5));

    /// <summary>The configuration counts gate and up together.</summary>
    protected override ChannelMixerSpec ChannelMixer(ConfigReader config) => GatedMlp(config) with { Bias = true };

    /// <inheritdoc/>
    protected override int IntermediateSize(ConfigReader config) => config.Size("intermediate_size", absent: 3 * config.Size("hidden_size")) / 2;

    private static GatedRecurrenceSpec Recurrence(ConfigReader config, ActivationFunction activation) => new()
    {
        Width = config.Size("lru_width", absent: config.Size("hidden_size")),
        Heads = config.Size("num_attention_heads"),
        Taps = config.Size("conv1d_width", absent: 4, most: 1024),
        Activation = activation,
    };

    private GatedRecurrenceSpec Recurrence(ConfigReader config) => Recurrence(config, ActivationReader.Read(config, "hidden_act", ActivationWhenAbsent));

    private static WeightRow Norm(string name, string huggingFace) => new($"{name}.weight", new StoredWeight($"{huggingFace}.weight") { Map = ElementMap.PlusOne }, "");

    private static IEnumerable<WeightRow> Gate(string name, string huggingFace) => ((string[])["weight", "bias"]).Select(kind =>
        new WeightRow($"layers.{{n}}.recurrence.{name}.{kind}", $"model.layers.{{n}}.temporal_block.rg_lru.{huggingFace}_{kind}", ""));
}
