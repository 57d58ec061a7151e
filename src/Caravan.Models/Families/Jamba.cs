namespace Caravan.Models;

/// <summary>
/// Jamba: Mamba's blocks with a layer of attention, without positions, among every so many, and experts in every second layer or so.
/// <code>
/// tokens → embedding → [ + mamba or attention(norm x) → + mlp or experts(norm x) ] × n → norm → head
/// </code>
/// </summary>
internal sealed class Jamba : DecoderFamily
{
    private const string KeyHeads = "num_key_value_heads";

    /// <inheritdoc/>
    public override string Name => "jamba";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["jamba"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> GgufArchitectures => ["jamba"];

    /// <inheritdoc/>
    public override string Paper => "Lieber et al. 2024, \"Jamba: A Hybrid Transformer-Mamba Language Model\"";

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> AttributeMap { get; } = new Dictionary<string, string> { ["num_local_experts"] = "num_experts" };

    /// <inheritdoc/>
    public override IReadOnlyList<string> KeysWithoutInfluence => ["num_logits_to_keep", "use_mamba_kernels", "sliding_window"];

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        new("embedding.weight", "model.embed_tokens.weight", "token_embd.weight"),
        new("layers.{n}.mixer_norm.weight", "model.layers.{n}.input_layernorm.weight", "blk.{n}.attn_norm.weight"),
        .. ((string[])["query", "key", "value"]).Select(part => new WeightRow(
            $"layers.{{n}}.attention.{part}.weight", $"model.layers.{{n}}.self_attn.{part[0]}_proj.weight", $"blk.{{n}}.attn_{part[0]}.weight")),
        new("layers.{n}.attention.output.weight", "model.layers.{n}.self_attn.o_proj.weight", "blk.{n}.attn_output.weight"),
        .. Mamba.MixerRows("model.layers.{n}.mamba"),
        new("layers.{n}.mamba.step_norm.weight", "model.layers.{n}.mamba.dt_layernorm.weight", "blk.{n}.ssm_dt_norm.weight"),
        new("layers.{n}.mamba.b_norm.weight", "model.layers.{n}.mamba.b_layernorm.weight", "blk.{n}.ssm_b_norm.weight"),
        new("layers.{n}.mamba.c_norm.weight", "model.layers.{n}.mamba.c_layernorm.weight", "blk.{n}.ssm_c_norm.weight"),
        new("layers.{n}.feed_forward_norm.weight", "model.layers.{n}.pre_ff_layernorm.weight", "blk.{n}.ffn_norm.weight"),
        new("layers.{n}.feed_forward.router.weight", "model.layers.{n}.feed_forward.router.weight", "blk.{n}.ffn_gate_inp.weight"),
        .. ((string[])["gate", "up", "down"]).SelectMany(part => (WeightRow[])
        [
            new($"layers.{{n}}.feed_forward.{part}.weight", $"model.layers.{{n}}.feed_forward.{part}_proj.weight", $"blk.{{n}}.ffn_{part}.weight"),
            new($"layers.{{n}}.feed_forward.experts.{{e}}.{part}.weight", $"model.layers.{{n}}.feed_forward.experts.{{e}}.{part}_proj.weight", $"blk.{{n}}.ffn_{part}_exps.weight"),
        ]),
        new("final_norm.weight", "model.final_layernorm.weight", "output_norm.weight"),
        new("head.weight", "lm_head.weight", "output.weight"),
    ];

    /// <inheritdoc/>
    protected override string ActivationWhenAbsent => "silu";

    /// <inheritdoc/>
    protected override int ContextWhenAbsent => 262_144;

    /// <inheritdoc/>
    protected override NormSpec Norm(ConfigReader config) => new((float)config.Real("rms_norm_eps", absent: 1e-6));

    /// <summary>In GGUF the key heads of a layer say whether it has attention, and its tensors whether it has experts.</summary>
    protected override IEnumerable<LayerSpec> Layers(ConfigReader config, int count)
    {
        NormSpec norm = Norm(config);
        LayerSpec plain = new(norm, Mamba.Mixer(config, "mamba_d_conv", "mamba_d_state", "mamba_dt_rank") with
        {
            InnerSize = config.IsGguf ? config.Size("ssm.inner_size") : config.Size("mamba_expand", absent: 2, most: 64) * config.Size("hidden_size"),
            Bias = !config.IsGguf && config.Flag("mamba_proj_bias", absent: false),
            ConvBias = config.IsGguf || config.Flag("mamba_conv_bias", absent: true),
            ParameterNorm = norm,
        }, GatedMlp(config));
        ExpertsSpec experts = Experts(config);
        for (int layer = 0; layer < count; layer++)
        {
            LayerSpec spec = HasAttention(config, layer) ? plain with { SequenceMixer = Attention(config) } : plain;
            yield return experts.Count > 1 && HasExperts(config, layer) ? spec with { ChannelMixer = experts } : spec;
        }
    }

    /// <inheritdoc/>
    protected override int IntermediateSize(ConfigReader config) => config.Size("intermediate_size", absent: 14_336);

    /// <inheritdoc/>
    protected override int KeyValueHeads(ConfigReader config, int heads) => config.IsGguf ? KeyHeadsOf(config).Max() : config.Size(KeyHeads, absent: 8);

    /// <inheritdoc/>
    protected override RotarySpec? Rotary(ConfigReader config, int headSize) => null;

    /// <inheritdoc/>
    public override void Describe(DecoderSpec spec, ConfigWriter config)
    {
        base.Describe(spec, config);
        LayerSpec? attended = spec.Layers.FirstOrDefault(layer => layer.SequenceMixer is AttentionSpec);
        if (attended is not null) Describe((AttentionSpec)attended.SequenceMixer, config);
        ExpertsSpec? experts = spec.Layers.Select(layer => layer.ChannelMixer).OfType<ExpertsSpec>().FirstOrDefault();
        config.Set("num_local_experts", experts?.Count ?? 1);
        config.Set("num_experts_per_tok", experts?.PerToken ?? 1);
        if (spec.Layers.Select(layer => layer.SequenceMixer).OfType<MambaSpec>().FirstOrDefault() is { } mixer)
        {
            Mamba.Describe(mixer, config, "mamba_d_conv", "mamba_d_state", "mamba_dt_rank");
            if (!config.IsGguf)
            {
                config.Set("mamba_expand", mixer.InnerSize / spec.HiddenSize);
                config.Set("mamba_proj_bias", mixer.Bias);
                config.Set("mamba_conv_bias", mixer.ConvBias);
            }
        }

        if (config.IsGguf) config.Set(KeyHeads, (int[])[.. spec.Layers.Select(layer => (layer.SequenceMixer as AttentionSpec)?.KeyValueHeads ?? 0)]);
        else
        {
            DescribePeriod(config, "attn_layer", [.. spec.Layers.Select(layer => layer.SequenceMixer is AttentionSpec)]);
            DescribePeriod(config, "expert_layer", [.. spec.Layers.Select(layer => layer.ChannelMixer is ExpertsSpec)]);
        }
    }

    private static ExpertsSpec Experts(ConfigReader config) => new()
    {
        Count = config.Integer("num_local_experts", absent: config.IsGguf ? 1 : 16),
        PerToken = config.Integer("num_experts_per_tok", absent: config.IsGguf ? 1 : 2),
        Renormalised = false,
        IntermediateSize = config.Size("intermediate_size", absent: 14_336),
        Activation = ActivationReader.Read(config, "hidden_act", absent: "silu"),
    };

    private static bool HasAttention(ConfigReader config, int layer) => config.IsGguf
        ? KeyHeadsOf(config) is var heads && heads[layer % heads.Count] > 0
        : layer % config.Size("attn_layer_period", absent: 8) == config.Integer("attn_layer_offset", absent: 4);

    private static bool HasExperts(ConfigReader config, int layer) => config.IsGguf
        ? config.Weights.Has($"layers.{layer}.feed_forward.router.weight")
        : layer % config.Size("expert_layer_period", absent: 2) == config.Integer("expert_layer_offset", absent: 1);

    /// <summary>One number for each layer, or one for all.</summary>
    private static IReadOnlyList<int> KeyHeadsOf(ConfigReader config) => config.IsList(KeyHeads) ? config.Integers(KeyHeads)! : [config.Integer(KeyHeads)];

    private static void DescribePeriod(ConfigWriter config, string key, bool[] layers)
    {
        int first = Array.IndexOf(layers, true), next = first < 0 ? -1 : Array.IndexOf(layers, true, first + 1);
        config.Set($"{key}_offset", first < 0 ? layers.Length : first);
        config.Set($"{key}_period", next < 0 ? layers.Length + 1 : next - first);
    }
}
