namespace Caravan.Models;

/// <summary>
/// RetNet as flash-linear-attention keeps it: retention in place of attention, whose heads forget at different rates.
/// <code>
/// tokens → embedding → [ + out(silu(gate) · norm(retention(q, k, v)))(norm x) → + down(silu(gate) · up)(norm x) ] × n → norm → head
/// </code>
/// </summary>
internal sealed class RetNet : DecoderFamily
{
    /// <inheritdoc/>
    public override string Name => "retnet";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["retnet"];

    /// <summary>llama.cpp has none for it.</summary>
    public override IReadOnlyList<string> GgufArchitectures => [];

    /// <inheritdoc/>
    public override string Paper => "Sun et al. 2023, \"Retentive Network: A Successor to Transformer for Large Language Models\"";

    /// <inheritdoc/>
    public override string HuggingFaceClass => "RetNetForCausalLM";

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> AttributeMap { get; } = new Dictionary<string, string>
    {
        ["num_attention_heads"] = "num_heads",
        ["rms_norm_eps"] = "norm_eps",
    };

    /// <summary>How the same is computed there.</summary>
    public override IReadOnlyList<string> KeysWithoutInfluence =>
        ["attn_mode", "conv_size", "fuse_cross_entropy", "fuse_norm", "fuse_swiglu", "fuse_linear_cross_entropy", "use_l2warp"];

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        new("embedding.weight", "model.embeddings.weight", ""),
        new("layers.{n}.mixer_norm.weight", "model.layers.{n}.attn_norm.weight", ""),
        .. ((string[])["query", "key", "value", "gate", "output"]).Select(part =>
            new WeightRow($"layers.{{n}}.retention.{part}.weight", $"model.layers.{{n}}.attn.{part[0]}_proj.weight", "")),
        new("layers.{n}.retention.head_norm.weight", "model.layers.{n}.attn.g_norm_swish_gate.weight", ""),
        new("layers.{n}.retention.head_norm.weight", "model.layers.{n}.attn.g_norm.weight", ""),
        new("layers.{n}.feed_forward_norm.weight", "model.layers.{n}.mlp_norm.weight", ""),
        .. ((string[])["gate", "up", "down"]).Select(part =>
            new WeightRow($"layers.{{n}}.feed_forward.{part}.weight", $"model.layers.{{n}}.mlp.{part}_proj.weight", "")),
        new("final_norm.weight", "model.norm.weight", ""),
        new("head.weight", "lm_head.weight", ""),
    ];

    /// <inheritdoc/>
    protected override string ActivationWhenAbsent => "swish";

    /// <inheritdoc/>
    protected override NormSpec Norm(ConfigReader config) => new((float)config.Real("rms_norm_eps", absent: 1e-6));

    /// <inheritdoc/>
    protected override LayerSpec Layer(ConfigReader config)
    {
        int heads = config.Size("num_attention_heads", absent: 8), hidden = config.Size("hidden_size");
        if (config.Integer("num_kv_heads", absent: heads) is int shared && shared != heads) throw config.Unsupported("num_kv_heads", $"{shared}", $"{heads}");
        if (config.Has("feature_map")) throw config.Unsupported("feature_map", config.Text("feature_map"), "null");
        Require(config, "use_short_conv", false);
        Require(config, "use_output_gate", true);
        Require(config, "elementwise_affine", true);
        int keySize = (int)(config.Real("expand_k", absent: 1) * hidden) / heads;
        RetentionSpec retention = new()
        {
            Heads = heads,
            KeySize = keySize,
            ValueSize = (int)(config.Real("expand_v", absent: 2) * hidden) / heads,
            Rotary = RotaryKeys.Read(config, keySize, RotaryLayoutOf(config)),
            HeadNorm = Norm(config),
        };
        return new LayerSpec(Norm(config), retention, GatedMlp(config));
    }

    /// <summary>Two thirds of so many times the hidden size, up to a multiple of 256.</summary>
    protected override int IntermediateSize(ConfigReader config) => config.Has("intermediate_size")
        ? config.Size("intermediate_size")
        : ((config.Size("hidden_size") * config.Integer("hidden_ratio", absent: 2) * 2 / 3) + 255) / 256 * 256;

    private static void Require(ConfigReader config, string key, bool known)
    {
        if (config.Flag(key, absent: known) != known) throw config.Unsupported(key, known ? "false" : "true", known ? "true" : "false");
    }
}
