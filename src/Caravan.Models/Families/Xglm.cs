namespace Caravan.Models;

/// <summary>
/// XGLM: sinusoidal positions from row 2, embeddings times √D, layer norms before each half of a layer.
/// <code>
/// tokens → √D · embedding + position → [ + attention(norm x) → + down(gelu(up))(norm x) ] × n → norm → head
/// </code>
/// </summary>
internal class Xglm : DecoderFamily
{
    /// <summary>The row of position 0; those before stand for padding.</summary>
    protected const int FirstRow = 2;

    /// <inheritdoc/>
    public override string Name => "xglm";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["xglm"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> GgufArchitectures => [];

    /// <inheritdoc/>
    public override string Paper => "Lin et al. 2021, \"Few-shot Learning with Multilingual Language Models\"";

    /// <inheritdoc/>
    public override string HuggingFaceClass => "XGLMForCausalLM";

    /// <inheritdoc/>
    public override IReadOnlyList<string> KeysWithoutInfluence => ["decoder_start_token_id"];

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> AttributeMap { get; } = new Dictionary<string, string>
    {
        ["hidden_size"] = "d_model",
        ["num_hidden_layers"] = "num_layers",
        ["num_attention_heads"] = "attention_heads",
        ["intermediate_size"] = "ffn_dim",
        ["hidden_act"] = "activation_function",
    };

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights { get; } = [.. LayerWeights("model."), new("head.weight", "lm_head.weight")];

    /// <summary>Tables that older writers save beside the weights.</summary>
    public override bool IsBuffer(string name) => name.EndsWith("embed_positions.weights", StringComparison.Ordinal);

    /// <inheritdoc/>
    public override DecoderSpec Spec(ConfigReader config)
    {
        DecoderSpec spec = base.Spec(config);
        return spec with
        {
            Positions = new PositionSpec(spec.ContextLength + FirstRow, FirstRow) { SinusoidSteps = (spec.HiddenSize / 2) - 1 },
            EmbeddingScale = config.Flag("scale_embedding", absent: true) ? MathF.Sqrt(spec.HiddenSize) : 1,
        };
    }

    /// <summary>All but the head, whose name differs between kin.</summary>
    protected static IEnumerable<WeightRow> LayerWeights(string prefix) =>
    [
        new("embedding.weight", $"{prefix}embed_tokens.weight"),
        .. WeightRow.Pair("layers.{n}.mixer_norm", prefix + "layers.{n}.self_attn_layer_norm"),
        .. WeightRow.QueryKeyValue(prefix + "layers.{n}.self_attn.*_proj"),
        .. WeightRow.Pair("layers.{n}.attention.output", prefix + "layers.{n}.self_attn.out_proj"),
        .. WeightRow.Pair("layers.{n}.feed_forward_norm", prefix + "layers.{n}.final_layer_norm"),
        .. WeightRow.Pair("layers.{n}.feed_forward.up", prefix + "layers.{n}.fc1"),
        .. WeightRow.Pair("layers.{n}.feed_forward.down", prefix + "layers.{n}.fc2"),
        .. WeightRow.Pair("final_norm", prefix + "layer_norm"),
    ];

    /// <summary>The epsilon is fixed, whatever the configuration says.</summary>
    protected override NormSpec Norm(ConfigReader config) => NormSpec.Layer(NormEpsilonWhenAbsent);

    /// <inheritdoc/>
    protected override RotarySpec? Rotary(ConfigReader config, int headSize) => null;
}
