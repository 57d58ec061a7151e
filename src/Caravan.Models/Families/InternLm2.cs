namespace Caravan.Models;

/// <summary>InternLM 2: LLaMA with queries, keys and values in one matrix, key head by key head.</summary>
internal sealed class InternLm2 : LlamaKin
{
    /// <inheritdoc/>
    public override string Name => "internlm2";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["internlm2"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> GgufArchitectures => ["internlm2"];

    /// <inheritdoc/>
    public override string Paper => "Cai et al. 2024, \"InternLM2 Technical Report\"";

    /// <inheritdoc/>
    public override string HuggingFaceClass => "InternLM2ForCausalLM";

    /// <inheritdoc/>
    public override IReadOnlyList<string> KeysWithoutInfluence => [.. base.KeysWithoutInfluence, "attn_implementation"];

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        new("embedding.weight", "model.tok_embeddings.weight", "token_embd.weight"),
        new("layers.{n}.mixer_norm.weight", "model.layers.{n}.attention_norm.weight", "blk.{n}.attn_norm.weight"),
        .. FusedRows.QueryKeyValue(FusedRows.Groups, "model.layers.{n}.attention.wqkv", FusedRows.Apart),
        .. WeightRow.Pair("layers.{n}.attention.output", "model.layers.{n}.attention.wo", "blk.{n}.attn_output"),
        new("layers.{n}.feed_forward_norm.weight", "model.layers.{n}.ffn_norm.weight", "blk.{n}.ffn_norm.weight"),
        new("layers.{n}.feed_forward.gate.weight", "model.layers.{n}.feed_forward.w1.weight", "blk.{n}.ffn_gate.weight"),
        new("layers.{n}.feed_forward.up.weight", "model.layers.{n}.feed_forward.w3.weight", "blk.{n}.ffn_up.weight"),
        new("layers.{n}.feed_forward.down.weight", "model.layers.{n}.feed_forward.w2.weight", "blk.{n}.ffn_down.weight"),
        new("final_norm.weight", "model.norm.weight", "output_norm.weight"),
        new("head.weight", "output.weight", "output.weight"),
        new("rotary_divisors", "", "rope_freqs.weight"),
    ];

    /// <inheritdoc/>
    protected override string AttentionBiasKey => "bias";
}
