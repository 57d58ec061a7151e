namespace Caravan.Models;

/// <summary>
/// OLMo: LLaMA with layer norms that have no parameters, and queries, keys and values kept within bounds.
/// <code>
/// tokens → embedding → [ + attention(norm x) → + down(silu(gate) · up)(norm x) ] × n → norm → head
/// </code>
/// </summary>
internal sealed class Olmo : LlamaKin
{
    private const string ClipKey = "clip_qkv", EpsilonKey = "layer_norm_eps";

    /// <inheritdoc/>
    public override string Name => "olmo";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["olmo"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> GgufArchitectures => ["olmo"];

    /// <inheritdoc/>
    public override string Paper => "Groeneveld et al. 2024, \"OLMo: Accelerating the Science of Language Models\"";

    /// <inheritdoc/>
    public override IReadOnlyList<string> KeysWithoutInfluence => [.. base.KeysWithoutInfluence, EpsilonKey];

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights { get; } = [.. DenseWeights.Where(row => !row.Name.Contains("norm.", StringComparison.Ordinal))];

    /// <summary>Transformers' class has no key for the epsilon.</summary>
    protected override NormSpec Norm(ConfigReader config) =>
        NormSpec.Layer(config.IsGguf ? config.Real(EpsilonKey, absent: 1e-5) : 1e-5, bias: false) with { HasWeight = false };

    /// <inheritdoc/>
    protected override AttentionSpec Attention(ConfigReader config) => base.Attention(config) with { Clip = (float)config.Real(ClipKey, absent: 0) };

    /// <inheritdoc/>
    protected override void Describe(AttentionSpec attention, ConfigWriter config)
    {
        base.Describe(attention, config);
        if (attention.Clip > 0) config.Set(ClipKey, (double)attention.Clip);
    }
}
