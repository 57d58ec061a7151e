using Caravan.Kernels;

namespace Caravan.Models;

/// <summary>
/// Orion 14B: LLaMA with layer norms. Its configuration calls their epsilon <c>rms_norm_eps</c>. Checked against the published configuration and
/// llama.cpp's description of the architecture; there is no reference output here.
/// </summary>
internal sealed class Orion : LlamaKin
{
    /// <inheritdoc/>
    public override string Name => "orion";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["orion"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> GgufArchitectures => ["orion"];

    /// <inheritdoc/>
    public override string Paper => "Chen et al. 2024, \"Orion-14B: Open-source Multilingual Large Language Models\"";

    /// <inheritdoc/>
    public override RotaryLayout GgufRotary => RotaryLayout.HalfSplit;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> AttributeMap { get; } = new Dictionary<string, string> { ["layer_norm_eps"] = "rms_norm_eps" };

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        .. DenseWeights,
        new("layers.{n}.mixer_norm.bias", "model.layers.{n}.input_layernorm.bias", "blk.{n}.attn_norm.bias"),
        new("layers.{n}.feed_forward_norm.bias", "model.layers.{n}.post_attention_layernorm.bias", "blk.{n}.ffn_norm.bias"),
        new("final_norm.bias", "model.norm.bias", "output_norm.bias"),
    ];

    /// <inheritdoc/>
    protected override NormSpec Norm(ConfigReader config) => NormSpec.Layer(config.Real("layer_norm_eps", absent: 1e-5));
}
