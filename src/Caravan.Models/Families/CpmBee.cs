using Caravan.Kernels;

namespace Caravan.Models;

/// <summary>
/// CPM-Bee: what enters each linear layer is divided by the root of its width, scores have learned biases by distance, and each sum of a layer is
/// divided by 1.05. Checked against the published modelling code; there is no reference output here.
/// <code>
/// tokens → embedding / √d → [ (+ attention(norm x)) / 1.05 → (+ down(gelu(gate) · up)(norm x)) / 1.05 ] × n → norm → embeddingᵀ / √d
/// </code>
/// A prompt is an object of texts: each name and text is a segment, given segments see each other whatever their order, biases between segments
/// go by how they lie in the tree of the object, and numbers tell special tokens of one kind apart (<see cref="Caravan.Text.StructuredEncoder"/>). Tokens
/// alone are computed from left to right as one segment. The reference rounds angles to half precision in checkpoints of it; here they are floats.
/// Halves of layers that were cut, as <c>mask_modules</c> says, are passed by. Names and defaults are those of the port in transformers' pull request.
/// </summary>
internal sealed class CpmBee : DecoderFamily
{
    private const string CutKey = "mask_modules", At = "cpmbee.encoder.layers.{n}.", First = At + "self_att.", Second = At + "ffn.";
    private const string BucketsKey = "position_bias_num_buckets", SegmentsKey = "position_bias_num_segment_buckets", MaxDistanceKey = "position_bias_max_distance";
    private const string DistanceKey = "distance_scale";
    private const float SumScale = 1 / 1.05f;

    /// <inheritdoc/>
    public override string Name => "cpmbee";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["cpmbee"];

    /// <summary>llama.cpp has none for it.</summary>
    public override IReadOnlyList<string> GgufArchitectures => [];

    /// <inheritdoc/>
    public override string Paper => "OpenBMB 2023, \"CPM-Bee: Chinese-English Bilingual Foundation Model with 10 Billion Parameters\"";

    /// <inheritdoc/>
    public override string BasePrefix => "cpmbee.";

    /// <inheritdoc/>
    public override string HuggingFaceClass => "CpmBeeForCausalLM";

    /// <summary>How training began, and how weights were kept.</summary>
    public override IReadOnlyList<string> KeysWithoutInfluence => ["init_std", "half", "int4", "dropout_p"];

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> AttributeMap { get; } = new Dictionary<string, string>
    {
        ["head_dim"] = "dim_head",
        ["intermediate_size"] = "dim_ff",
        ["rms_norm_eps"] = "eps",
        ["max_position_embeddings"] = MaxDistanceKey,
    };

    /// <summary>The biases are of no layer on disk, and the first one's here.</summary>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        new("embedding.weight", "cpmbee.input_embedding.weight"),
        new("layers.{n}.attention.relative_bias.weight", "cpmbee.position_bias.relative_attention_bias"),
        new("layers.{n}.mixer_norm.weight", First + "layernorm_before_attention.weight"),
        new("layers.{n}.attention.query.weight", First + "self_attention.project_q.weight"),
        new("layers.{n}.attention.key.weight", First + "self_attention.project_k.weight"),
        new("layers.{n}.attention.value.weight", First + "self_attention.project_v.weight"),
        new("layers.{n}.attention.output.weight", First + "self_attention.attention_out.weight"),
        new("layers.{n}.feed_forward_norm.weight", Second + "layernorm_before_ffn.weight"),
        new("layers.{n}.feed_forward.gate.weight", Second + "ffn.w_in.w_0.weight"),
        new("layers.{n}.feed_forward.up.weight", Second + "ffn.w_in.w_1.weight"),
        new("layers.{n}.feed_forward.down.weight", Second + "ffn.w_out.weight"),
        new("final_norm.weight", "cpmbee.encoder.output_layernorm.weight"),
    ];

    /// <summary>Some writers save the embedding again as the head.</summary>
    public override bool IsBuffer(string name) => base.IsBuffer(name) || name == "lm_head.weight";

    /// <inheritdoc/>
    protected override double NormEpsilonWhenAbsent => 1e-6;

    /// <inheritdoc/>
    public override DecoderSpec Spec(ConfigReader config)
    {
        DecoderSpec spec = base.Spec(config);
        float scale = 1 / MathF.Sqrt(spec.HiddenSize);
        return spec with { EmbeddingScale = scale, LogitScale = scale, Numbering = new NumberingSpec(config.Real(DistanceKey, absent: 16)) };
    }

    /// <inheritdoc/>
    protected override bool TiedHead(ConfigReader config) => true;

    /// <inheritdoc/>
    protected override NormSpec Norm(ConfigReader config) => new((float)config.Real("rms_norm_eps", absent: NormEpsilonWhenAbsent));

    /// <inheritdoc/>
    protected override LayerSpec Layer(ConfigReader config) => base.Layer(config) with { BranchScale = SumScale, ResidualScale = SumScale };

    /// <summary>For each layer whether its first half was cut, and whether its second was.</summary>
    protected override IEnumerable<LayerSpec> Layers(ConfigReader config, int count)
    {
        IReadOnlyList<IReadOnlyList<bool>>? cuts = config.FlagLists(CutKey);
        if (cuts is not null && (cuts.Count != count || cuts.Any(cut => cut is not { Count: 2 })))
            throw config.Unsupported(CutKey, $"a list of {cuts.Count}", $"a list of {count} pairs");
        return base.Layers(config, count).Select((layer, n) => layer with
        {
            SequenceMixer = cuts?[n][0] is true ? new NoSequenceMixerSpec() : layer.SequenceMixer,
            ChannelMixer = cuts?[n][1] is true ? new NoChannelMixerSpec() : layer.ChannelMixer,
        });
    }

    /// <inheritdoc/>
    protected override AttentionSpec Attention(ConfigReader config)
    {
        AttentionSpec attention = base.Attention(config);
        int buckets = config.Size(BucketsKey, absent: 256, most: 65_536), reach = config.Size(MaxDistanceKey, absent: 2048, most: 1 << 20);
        return attention with
        {
            ScaledInputs = true,
            RelativeBias = new RelativeBiasSpec(attention.Heads, buckets, reach, Bidirectional: true, Layer: 0)
            {
                FurtherRows = config.Size(SegmentsKey, absent: 32, most: 65_536),
                Factor = 1 / attention.ScaleOfScores,
            },
        };
    }

    /// <inheritdoc/>
    protected override int HeadSizeWhenAbsent(ConfigReader config, int heads) => 64;

    /// <inheritdoc/>
    protected override int KeyValueHeads(ConfigReader config, int heads) => heads;

    /// <inheritdoc/>
    protected override RotarySpec? Rotary(ConfigReader config, int headSize) => null;

    /// <inheritdoc/>
    protected override ChannelMixerSpec ChannelMixer(ConfigReader config) =>
        new GatedMlpSpec { IntermediateSize = IntermediateSize(config), Activation = ActivationFunction.Gelu, ScaledInputs = true };

    /// <inheritdoc/>
    protected override int IntermediateSize(ConfigReader config) => config.Size("intermediate_size", absent: 10_240);
}
