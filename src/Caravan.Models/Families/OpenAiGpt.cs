using Caravan.Kernels;

namespace Caravan.Models;

/// <summary>
/// GPT: learned positions, layer norms after each half of a layer, none at the end.
/// <code>
/// tokens → embedding + position → [ norm(x + attention(x)) → norm(x + down(gelu(up))(x)) ] × n → head
/// </code>
/// </summary>
internal sealed class OpenAiGpt : Gpt2
{
    /// <inheritdoc/>
    public override string Name => "openai-gpt";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["openai-gpt"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> GgufArchitectures => [];

    /// <inheritdoc/>
    public override string Paper => "Radford et al. 2018, \"Improving Language Understanding by Generative Pre-Training\"";

    /// <inheritdoc/>
    public override string HuggingFaceClass => "OpenAIGPTLMHeadModel";

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> AttributeMap { get; } = new Dictionary<string, string>(Keys) { ["hidden_act"] = "afn" };

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        new("embedding.weight", "transformer.tokens_embed.weight"),
        new("positions.weight", "transformer.positions_embed.weight"),
        .. LayerWeights,
        new("head.weight", "lm_head.weight"),
    ];

    /// <inheritdoc/>
    protected override string ActivationWhenAbsent => "gelu";

    /// <inheritdoc/>
    protected override int ContextWhenAbsent => 512;

    /// <inheritdoc/>
    public override bool IsBuffer(string name) => base.IsBuffer(name) || name.EndsWith("position_ids", StringComparison.Ordinal);

    /// <inheritdoc/>
    public override DecoderSpec Spec(ConfigReader config) => base.Spec(config) with { FinalNorm = null };

    /// <inheritdoc/>
    protected override LayerSpec Layer(ConfigReader config) => base.Layer(config) with { Order = LayerOrder.PostNorm };

    /// <summary>What this configuration calls <c>gelu</c> is its tanh form.</summary>
    protected override ChannelMixerSpec ChannelMixer(ConfigReader config)
    {
        MlpSpec mixer = (MlpSpec)base.ChannelMixer(config);
        return mixer.Activation == ActivationFunction.Gelu ? mixer with { Activation = ActivationFunction.GeluTanh } : mixer;
    }
}
