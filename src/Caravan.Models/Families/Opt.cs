namespace Caravan.Models;

/// <summary>
/// OPT: learned positions from row 2, layer norms before each half of a layer, ReLU. OPT-350m normalises after each half, has no last norm, and
/// projects from narrower embeddings and back.
/// <code>
/// tokens → embedding + position → [ + attention(norm x) → + down(relu(up))(norm x) ] × n → norm → head
/// </code>
/// </summary>
internal sealed class Opt : DecoderFamily
{
    /// <inheritdoc/>
    public override string Name => "opt";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["opt"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> GgufArchitectures => [];

    /// <inheritdoc/>
    public override string Paper => "Zhang et al. 2022, \"OPT: Open Pre-trained Transformer Language Models\"";

    /// <inheritdoc/>
    public override string HuggingFaceClass => "OPTForCausalLM";

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> AttributeMap { get; } = new Dictionary<string, string>
    {
        ["intermediate_size"] = "ffn_dim",
        ["hidden_act"] = "activation_function",
    };

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        new("embedding.weight", "model.decoder.embed_tokens.weight"),
        new("positions.weight", "model.decoder.embed_positions.weight"),
        new("embedding_in.weight", "model.decoder.project_in.weight"),
        .. WeightRow.Pair("layers.{n}.mixer_norm", "model.decoder.layers.{n}.self_attn_layer_norm"),
        .. WeightRow.QueryKeyValue("model.decoder.layers.{n}.self_attn.*_proj"),
        .. WeightRow.Pair("layers.{n}.attention.output", "model.decoder.layers.{n}.self_attn.out_proj"),
        .. WeightRow.Pair("layers.{n}.feed_forward_norm", "model.decoder.layers.{n}.final_layer_norm"),
        .. WeightRow.Pair("layers.{n}.feed_forward.up", "model.decoder.layers.{n}.fc1"),
        .. WeightRow.Pair("layers.{n}.feed_forward.down", "model.decoder.layers.{n}.fc2"),
        .. WeightRow.Pair("final_norm", "model.decoder.final_layer_norm"),
        new("embedding_out.weight", "model.decoder.project_out.weight"),
        new("head.weight", "lm_head.weight"),
    ];

    /// <inheritdoc/>
    protected override string ActivationWhenAbsent => "relu";

    /// <inheritdoc/>
    public override DecoderSpec Spec(ConfigReader config)
    {
        DecoderSpec spec = base.Spec(config);
        int embedding = config.Size("word_embed_proj_dim", absent: spec.HiddenSize);
        bool normed = !config.Flag("_remove_final_layer_norm", absent: false);
        return spec with
        {
            Positions = new PositionSpec(spec.ContextLength + 2, Offset: 2),
            EmbeddingSize = embedding == spec.HiddenSize ? 0 : embedding,
            FinalNorm = normed && NormsFirst(config) ? spec.FinalNorm : null,
        };
    }

    /// <inheritdoc/>
    protected override NormSpec Norm(ConfigReader config)
    {
        bool affine = config.Flag("layer_norm_elementwise_affine", absent: true);
        return NormSpec.Layer(NormEpsilonWhenAbsent, bias: affine) with { HasWeight = affine };
    }

    /// <inheritdoc/>
    protected override LayerSpec Layer(ConfigReader config) => base.Layer(config) with
    {
        Order = NormsFirst(config) ? LayerOrder.PreNorm : LayerOrder.PostNorm,
    };

    /// <inheritdoc/>
    protected override AttentionSpec Attention(ConfigReader config) => base.Attention(config) with { InputBias = Bias(config), OutputBias = Bias(config) };

    /// <inheritdoc/>
    protected override ChannelMixerSpec ChannelMixer(ConfigReader config) => (MlpSpec)base.ChannelMixer(config) with { Bias = Bias(config) };

    /// <inheritdoc/>
    protected override RotarySpec? Rotary(ConfigReader config, int headSize) => null;

    private static bool NormsFirst(ConfigReader config) => config.Flag("do_layer_norm_before", absent: true);

    private static bool Bias(ConfigReader config) => config.Flag("enable_bias", absent: true);
}
