using Caravan.Kernels;

namespace Caravan.Models;

/// <summary>Qwen 1.5, 2 and 2.5: LLaMA with biases on queries, keys and values, and a sliding window in some layers where it is switched on.</summary>
/// <remarks>
/// Which layers have the window changed: transformers before 4.46 masked all of them (its eager attention, which made the reference numbers of that
/// time, does not look at <c>max_window_layers</c>); since then layers from that number on have it. Published checkpoints switch it off.
/// </remarks>
internal sealed class Qwen2 : LlamaKin
{
    /// <inheritdoc/>
    public override string Name => "qwen2";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["qwen2"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> GgufArchitectures => ["qwen2"];

    /// <inheritdoc/>
    public override string Paper => "Yang et al. 2024, \"Qwen2 Technical Report\"";

    /// <inheritdoc/>
    public override RotaryLayout GgufRotary => RotaryLayout.HalfSplit;

    /// <inheritdoc/>
    protected override IEnumerable<LayerSpec> Layers(ConfigReader config, int count) => QwenWindows.Apply(config, base.Layers(config, count));

    /// <inheritdoc/>
    public override void Describe(DecoderSpec spec, ConfigWriter config)
    {
        base.Describe(spec, config);
        QwenWindows.Describe(spec, config);
    }
}
