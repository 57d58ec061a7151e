using Caravan.Kernels;

namespace Caravan.Models;

/// <summary>Phi-3, 3.5 and 4: LLaMA with queries, keys and values in one matrix and gate and up in another, a sliding window, and LongRoPE.</summary>
internal sealed class Phi3 : LlamaKin
{
    /// <inheritdoc/>
    public override string Name => "phi3";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["phi3"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> GgufArchitectures => ["phi3"];

    /// <inheritdoc/>
    public override string Paper => "Abdin et al. 2024, \"Phi-3 Technical Report: A Highly Capable Language Model Locally on Your Phone\"";

    /// <inheritdoc/>
    public override RotaryLayout GgufRotary => RotaryLayout.HalfSplit;

    /// <summary>The trained length counts only where positions are stretched.</summary>
    public override IReadOnlyList<string> KeysWithoutInfluence => [.. base.KeysWithoutInfluence, "original_max_position_embeddings"];

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        .. DenseWeights.Where(row => !row.Name.Contains("attention.", StringComparison.Ordinal) && !row.Name.Contains("feed_forward.", StringComparison.Ordinal)),
        .. FusedRows.QueryKeyValue(FusedRows.Blocks, "model.layers.{n}.self_attn.qkv_proj"),
        .. WeightRow.Pair("layers.{n}.attention.output", "model.layers.{n}.self_attn.o_proj", "blk.{n}.attn_output"),
        new("layers.{n}.feed_forward.gate.weight", FusedRows.GateUp("model.layers.{n}.mlp.gate_up_proj.weight", 0), FusedRows.GateUp("blk.{n}.ffn_up.weight", 0)),
        new("layers.{n}.feed_forward.up.weight", FusedRows.GateUp("model.layers.{n}.mlp.gate_up_proj.weight", 1), FusedRows.GateUp("blk.{n}.ffn_up.weight", 1)),
        new("layers.{n}.feed_forward.down.weight", "model.layers.{n}.mlp.down_proj.weight", "blk.{n}.ffn_down.weight"),
        new(LongRopeScaling.ShortTable, "", "rope_factors_short.weight"),
        new(LongRopeScaling.LongTable, "", "rope_factors_long.weight"),
    ];

    /// <inheritdoc/>
    protected override double? RotaryPartWhenAbsent => 1;

    /// <inheritdoc/>
    protected override double NormEpsilonWhenAbsent => 1e-5;

    /// <inheritdoc/>
    protected override int ContextWhenAbsent => 4096;

    /// <inheritdoc/>
    protected override int Window(ConfigReader config) => SlidingWindow.Read(config, absent: null);
}
