namespace Caravan.Models;

/// <summary>
/// Yuan 2.0: LLaMA whose queries and keys see each row mixed with the two before it by convolutions. The heads' queries and keys take turns in what
/// the two projections give. Checked against the published modelling code; there is no reference output here. Where its configuration asks for it the
/// reference hides from a token all that lies before the last end of a text; here a sequence is one text.
/// <code>
/// tokens → embedding → [ + attention(norm(x + conv(conv x)), x)(norm x) → + down(gate · silu(up))(norm x) ] × n → norm → head
/// </code>
/// </summary>
internal sealed class Yuan2 : LlamaKin
{
    /// <summary>The reference makes this norm without the configuration's epsilon.</summary>
    private const double FilterEpsilon = 1e-6;

    private const string Filter = "model.layers.{n}.self_attn.lf_gate.";

    /// <inheritdoc/>
    public override string Name => "yuan";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["yuan"];

    /// <summary>llama.cpp has none for it.</summary>
    public override IReadOnlyList<string> GgufArchitectures => [];

    /// <inheritdoc/>
    public override string Paper => "Wu et al. 2023, \"YUAN 2.0: A Large Language Model with Localized Filtering-based Attention\"";

    /// <summary>How the reference computes the same, and how it trains.</summary>
    public override IReadOnlyList<string> KeysWithoutInfluence =>
    [
        .. base.KeysWithoutInfluence, "causal_mask", "use_flash_attention", "reset_attention_mask", "reset_position_ids", "use_loss_mask", "eod_token", "eod_token_id",
        "sep_token", "sep_token_id", "mask_token_id", "model_max_length",
    ];

    /// <summary>What LLaMA calls gate is here what is not activated.</summary>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        .. DenseWeights.Where(row => row.Name is not ("layers.{n}.feed_forward.gate.weight" or "layers.{n}.feed_forward.up.weight")),
        new("layers.{n}.feed_forward.gate.weight", "model.layers.{n}.mlp.up_proj.weight"),
        new("layers.{n}.feed_forward.up.weight", "model.layers.{n}.mlp.gate_proj.weight"),
        .. WeightRow.Pair("layers.{n}.attention.filter.inner", Filter + "conv1"),
        .. WeightRow.Pair("layers.{n}.attention.filter.outer", Filter + "conv2"),
        new("layers.{n}.attention.filter.norm.weight", Filter + "output_layernorm.weight"),
    ];

    /// <inheritdoc/>
    protected override int ContextWhenAbsent => 8192;

    /// <summary>The releases with experts, and queries and keys of one projection, are other architectures under the same name.</summary>
    protected override AttentionSpec Attention(ConfigReader config)
    {
        foreach (string key in (string[])["use_moe", "use_shareqk"])
            if (config.Flag(key, absent: false)) throw config.Unsupported(key, "true", "false");
        return base.Attention(config) with
        {
            Filter = new LocalFilterSpec { Channels = config.Size("hidden_size"), Norm = new NormSpec((float)FilterEpsilon) },
            AlternatingHeads = true,
        };
    }

    /// <inheritdoc/>
    protected override bool TiedHead(ConfigReader config) => config.Flag("tie_word_embeddings", absent: true);
}
