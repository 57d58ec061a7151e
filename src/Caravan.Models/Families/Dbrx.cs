using Caravan.Kernels;

namespace Caravan.Models;

/// <summary>
/// DBRX: layer norms without bias, queries, keys and values in one matrix and kept within bounds, and sixteen experts of which tokens pass four.
/// The configuration keeps attention's and the experts' keys in objects of their own, which leave out what is the default.
/// <code>
/// tokens → embedding → [ + attention(norm x) → + Σ weight · expert(norm x) ] × n → norm → head
/// </code>
/// </summary>
internal sealed class Dbrx : ExpertsKin
{
    private const string ClipKey = "clip_qkv", EpsilonKey = "layer_norm_eps", NormKey = "ffn_config.moe_normalize_expert_weights";

    /// <inheritdoc/>
    public override string Name => "dbrx";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["dbrx"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> GgufArchitectures => ["dbrx"];

    /// <inheritdoc/>
    public override string Paper => "Mosaic Research 2024, \"Introducing DBRX: A New State-of-the-Art Open LLM\"";

    /// <inheritdoc/>
    public override string BasePrefix => "transformer.";

    /// <inheritdoc/>
    public override RotaryLayout GgufRotary => RotaryLayout.HalfSplit;

    /// <inheritdoc/>
    public override IReadOnlyList<string> KeysWithoutInfluence =>
    [
        .. base.KeysWithoutInfluence, EpsilonKey, "attn_config.model_type", "attn_config.attn_pdrop", "ffn_config.model_type", "ffn_config.moe_jitter_eps",
        "ffn_config.moe_loss_weight", "ffn_config.uniform_expert_assignment",
    ];

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> AttributeMap { get; } = new Dictionary<string, string>
    {
        ["hidden_size"] = "d_model",
        ["num_attention_heads"] = "n_heads",
        ["num_hidden_layers"] = "n_layers",
        ["max_position_embeddings"] = "max_seq_len",
        ["num_key_value_heads"] = "attn_config.kv_n_heads",
        ["rope_theta"] = "attn_config.rope_theta",
        [ClipKey] = "attn_config.clip_qkv",
        ["intermediate_size"] = "ffn_config.ffn_hidden_size",
        ["hidden_act"] = "ffn_config.ffn_act_fn.name",
        [ExpertsKey] = "ffn_config.moe_num_experts",
        [PerTokenKey] = "ffn_config.moe_top_k",
    };

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        new("embedding.weight", "transformer.wte.weight", "token_embd.weight"),
        new("layers.{n}.mixer_norm.weight", "transformer.blocks.{n}.norm_attn_norm.norm_1.weight", "blk.{n}.attn_norm.weight"),
        .. FusedRows.QueryKeyValue(FusedRows.Blocks, "transformer.blocks.{n}.norm_attn_norm.attn.Wqkv"),
        .. WeightRow.Pair("layers.{n}.attention.output", "transformer.blocks.{n}.norm_attn_norm.attn.out_proj", "blk.{n}.attn_output"),
        new("layers.{n}.feed_forward_norm.weight", "transformer.blocks.{n}.norm_attn_norm.norm_2.weight", "blk.{n}.attn_output_norm.weight"),
        new("layers.{n}.feed_forward.router.weight", "transformer.blocks.{n}.ffn.router.layer.weight", "blk.{n}.ffn_gate_inp.weight"),
        Expert("gate", "w1", transposed: false),
        Expert("up", "v1", transposed: false),
        Expert("down", "w2", transposed: true),
        new("final_norm.weight", "transformer.norm_f.weight", "output_norm.weight"),
        new("head.weight", "lm_head.weight", "output.weight"),
        new("rotary_divisors", "", "rope_freqs.weight"),
    ];

    /// <inheritdoc/>
    protected override string WidthKey => "intermediate_size";

    /// <summary>The reference has no key for the epsilon.</summary>
    protected override NormSpec Norm(ConfigReader config) => NormSpec.Layer(config.IsGguf ? config.Real(EpsilonKey, absent: 1e-5) : 1e-5, bias: false);

    /// <inheritdoc/>
    protected override int KeyValueHeads(ConfigReader config, int heads) => config.Size("num_key_value_heads", absent: 1);

    /// <inheritdoc/>
    protected override AttentionSpec Attention(ConfigReader config) => base.Attention(config) with { Clip = (float)config.Real(ClipKey, absent: 0) };

    /// <summary>The weights of the chosen are divided by their p-norm, p being a key; explicitly null divides by nothing. GGUF knows their sum alone.</summary>
    protected override ExpertsSpec Experts(ConfigReader config)
    {
        double? order = config.OptionalReal(NormKey, absent: 1);
        return new ExpertsSpec
        {
            Count = config.Size(ExpertsKey, absent: 4, most: 4096),
            PerToken = config.Size(PerTokenKey, absent: 1, most: 4096),
            Renormalised = order is not null,
            NormOrder = (float)(order ?? 1),
            IntermediateSize = config.Size(WidthKey, absent: 3584),
            Activation = ActivationReader.Read(config, "hidden_act", absent: "silu"),
        };
    }

    /// <inheritdoc/>
    protected override Func<int, bool> LayersWithExperts(ConfigReader config) => _ => true;

    /// <inheritdoc/>
    protected override void Describe(AttentionSpec attention, ConfigWriter config)
    {
        base.Describe(attention, config);
        if (attention.Clip > 0) config.Set(ClipKey, (double)attention.Clip);
    }

    /// <inheritdoc/>
    protected override void Describe(ExpertsSpec experts, ConfigWriter config)
    {
        config.Set(ExpertsKey, experts.Count);
        config.Set(PerTokenKey, experts.PerToken);
        config.Set(WidthKey, experts.IntermediateSize);
        if (config.IsGguf) return;
        config.Set("hidden_act", ActivationReader.NameOf(experts.Activation));
        if (experts.Renormalised) config.Set(NormKey, (double)experts.NormOrder);
    }

    private static WeightRow Expert(string part, string name, bool transposed) => new(
        $"layers.{{n}}.feed_forward.experts.{{e}}.{part}.weight",
        new StoredWeight($"transformer.blocks.{{n}}.ffn.experts.mlp.{name}") { Flat = true, Transposed = transposed }, $"blk.{{n}}.ffn_{part}_exps.weight");
}
