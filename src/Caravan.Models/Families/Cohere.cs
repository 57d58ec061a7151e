using Caravan.Kernels;

namespace Caravan.Models;

/// <summary>
/// Command R and Aya 23: both halves of a layer side by side behind one norm without bias, logits scaled by a number, and, in the large one, a norm
/// of each head's queries and keys.
/// <code>
/// tokens → embedding → [ + attention(norm x) + down(silu(gate) · up)(norm x) ] × n → norm → scale · embeddingᵀ
/// </code>
/// </summary>
internal sealed class Cohere : LlamaKin
{
    private const string QueryKeyNormKey = "use_qk_norm";

    /// <inheritdoc/>
    public override string Name => "cohere";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["cohere"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> GgufArchitectures => ["command-r"];

    /// <inheritdoc/>
    public override string Paper => "Cohere 2024, \"Command R: Retrieval-Augmented Generation at Production Scale\"";

    /// <inheritdoc/>
    public override RotaryLayout HuggingFaceRotary => RotaryLayout.Interleaved;

    /// <inheritdoc/>
    public override IReadOnlyList<string> KeysWithoutInfluence => [.. base.KeysWithoutInfluence, "model_max_length"];

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        .. DenseWeights.Where(row => row.Name != "layers.{n}.feed_forward_norm.weight"),
        new("layers.{n}.attention.query_norm.weight", "model.layers.{n}.self_attn.q_norm.weight", "blk.{n}.attn_q_norm.weight"),
        new("layers.{n}.attention.key_norm.weight", "model.layers.{n}.self_attn.k_norm.weight", "blk.{n}.attn_k_norm.weight"),
    ];

    /// <inheritdoc/>
    protected override int ContextWhenAbsent => 8192;

    /// <inheritdoc/>
    public override DecoderSpec Spec(ConfigReader config) => base.Spec(config) with { LogitScale = (float)config.Real("logit_scale", absent: 0.0625) };

    /// <inheritdoc/>
    protected override NormSpec Norm(ConfigReader config) => NormSpec.Layer(config.Real("layer_norm_eps", absent: 1e-5), bias: false);

    /// <inheritdoc/>
    protected override LayerSpec Layer(ConfigReader config) => base.Layer(config) with { Order = LayerOrder.Parallel };

    /// <summary>GGUF has no key for the norm: there it is where its weights are.</summary>
    protected override AttentionSpec Attention(ConfigReader config)
    {
        bool normed = config.Flag(QueryKeyNormKey, absent: config.IsGguf && config.Weights.Has("layers.0.attention.query_norm.weight"));
        return base.Attention(config) with { QueryKeyNorm = normed ? Norm(config) : null, NormPerHead = normed };
    }

    /// <inheritdoc/>
    public override void Describe(DecoderSpec spec, ConfigWriter config)
    {
        base.Describe(spec, config);
        config.Set("logit_scale", (double)spec.LogitScale);
        if (!config.IsGguf) config.Set(QueryKeyNormKey, ((AttentionSpec)spec.Layers[0].SequenceMixer).QueryKeyNorm is not null);
    }
}
