namespace Caravan.Models;

/// <summary>The first release of Yi: LLaMA whose norms are called differently. Later ones call themselves LLaMA.</summary>
internal sealed class Yi : LlamaKin
{
    /// <inheritdoc/>
    public override string Name => "yi";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["Yi"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> GgufArchitectures => ["llama"];

    /// <inheritdoc/>
    public override string Paper => "Young et al. 2024, \"Yi: Open Foundation Models by 01.AI\"";

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        new("layers.{n}.mixer_norm.weight", "model.layers.{n}.ln1.weight", "blk.{n}.attn_norm.weight"),
        new("layers.{n}.feed_forward_norm.weight", "model.layers.{n}.ln2.weight", "blk.{n}.ffn_norm.weight"),
        .. DenseWeights,
    ];
}
