namespace Caravan.Models;

/// <summary>
/// CTRL: sinusoidal positions, embeddings times √D, layer norms before each half of a layer, ReLU, a head with a bias.
/// <code>
/// tokens → √D · embedding + position → [ + attention(norm x) → + down(relu(up))(norm x) ] × n → norm → head
/// </code>
/// </summary>
internal sealed class Ctrl : DecoderFamily
{
    /// <inheritdoc/>
    public override string Name => "ctrl";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["ctrl"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> GgufArchitectures => [];

    /// <inheritdoc/>
    public override string Paper => "Keskar et al. 2019, \"CTRL: A Conditional Transformer Language Model for Controllable Generation\"";

    /// <inheritdoc/>
    public override string BasePrefix => "transformer.";

    /// <inheritdoc/>
    public override string HuggingFaceClass => "CTRLLMHeadModel";

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> AttributeMap { get; } = new Dictionary<string, string>(Gpt2.Keys) { ["intermediate_size"] = "dff" };

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        new("embedding.weight", "transformer.w.weight"),
        .. WeightRow.Pair("layers.{n}.mixer_norm", "transformer.h.{n}.layernorm1"),
        .. WeightRow.QueryKeyValue("transformer.h.{n}.multi_head_attention.W*"),
        .. WeightRow.Pair("layers.{n}.attention.output", "transformer.h.{n}.multi_head_attention.dense"),
        .. WeightRow.Pair("layers.{n}.feed_forward_norm", "transformer.h.{n}.layernorm2"),
        .. WeightRow.Pair("layers.{n}.feed_forward.up", "transformer.h.{n}.ffn.0"),
        .. WeightRow.Pair("layers.{n}.feed_forward.down", "transformer.h.{n}.ffn.2"),
        .. WeightRow.Pair("final_norm", "transformer.layernorm"),
        .. WeightRow.Pair("head", "lm_head"),
    ];

    /// <inheritdoc/>
    protected override string ActivationWhenAbsent => "relu";

    /// <inheritdoc/>
    protected override double NormEpsilonWhenAbsent => 1e-6;

    /// <inheritdoc/>
    public override DecoderSpec Spec(ConfigReader config)
    {
        DecoderSpec spec = base.Spec(config);
        return spec with
        {
            Positions = new PositionSpec(spec.ContextLength) { SinusoidSteps = spec.HiddenSize / 2 },
            EmbeddingScale = MathF.Sqrt(spec.HiddenSize),
        };
    }

    /// <summary>The configuration's epsilon is that of the last norm only.</summary>
    protected override LayerSpec Layer(ConfigReader config) => base.Layer(config) with { Norm = NormSpec.Layer(NormEpsilonWhenAbsent) };

    /// <inheritdoc/>
    protected override RotarySpec? Rotary(ConfigReader config, int headSize) => null;
}
