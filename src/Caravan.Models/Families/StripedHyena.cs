namespace Caravan.Models;

/// <summary>
/// StripedHyena: layers with long convolutions, whose filters are sums of complex exponentials, and layers with attention, as the checkpoints of
/// StripedHyena-Hessian and -Nous have it.
/// <code>
/// tokens → embedding → [ + hyena or attention(norm x) → + l3(silu(l1) · l2)(norm x) ] × n → norm → head
/// </code>
/// </summary>
internal sealed class StripedHyena : DecoderFamily
{
    /// <inheritdoc/>
    public override string Name => "stripedhyena";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["stripedhyena"];

    /// <summary>llama.cpp has none for it.</summary>
    public override IReadOnlyList<string> GgufArchitectures => [];

    /// <inheritdoc/>
    public override string Paper => "Poli et al. 2023, \"StripedHyena: Moving Beyond Transformers with Hybrid Signal Processing Models\"";

    /// <inheritdoc/>
    public override string BasePrefix => "backbone.";

    /// <inheritdoc/>
    public override string HuggingFaceClass => "StripedHyenaModelForCausalLM";

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> AttributeMap { get; } = new Dictionary<string, string>
    {
        ["num_hidden_layers"] = "num_layers",
        ["max_position_embeddings"] = "max_seqlen",
        ["intermediate_size"] = "inner_mlp_size",
        ["hidden_act"] = "mlp_activation",
        ["rms_norm_eps"] = "eps",
        ["rope_theta"] = "rotary_emb_base",
        ["tie_word_embeddings"] = "tie_embeddings",
    };

    /// <summary>How the same is computed there, and for which machines the weights were cut.</summary>
    public override IReadOnlyList<string> KeysWithoutInfluence =>
    [
        "column_split", "hyena_layer_idxs", "inference_mode", "log_intermediate_values", "make_vocab_size_divisible_by", "max_batch_size", "model_name",
        "model_parallel_size", "pipe_parallel_size", "prefill_style", "split_k0", "use_flash_attention_2", "use_flash_attn", "use_flash_depthwise",
        "use_flash_rmsnorm", "use_flashfft", "use_laughing_hyena",
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        new("embedding.weight", "backbone.embedding_layer.weight", ""),
        new("layers.{n}.mixer_norm.weight", "backbone.blocks.{n}.pre_norm.scale", ""),
        .. FusedRows.QueryKeyValue(FusedRows.Blocks, "backbone.blocks.{n}.inner_mha_cls.Wqkv"),
        .. WeightRow.Pair("layers.{n}.attention.output", "backbone.blocks.{n}.inner_mha_cls.out_proj", ""),
        .. WeightRow.Pair("layers.{n}.hyena.projection", "backbone.blocks.{n}.projections", ""),
        new("layers.{n}.hyena.conv.weight", new StoredWeight("backbone.blocks.{n}.filter.short_filter_weight") { Transposed = true, UnitDimension = 1 }, ""),
        new("layers.{n}.hyena.conv.bias", "backbone.blocks.{n}.filter.short_filter_bias", ""),
        new("layers.{n}.hyena.poles", new StoredWeight("backbone.blocks.{n}.filter.poles") { Transposed = true }, ""),
        new("layers.{n}.hyena.residues", new StoredWeight("backbone.blocks.{n}.filter.residues") { Transposed = true }, ""),
        new("layers.{n}.hyena.skip", "backbone.blocks.{n}.filter.D", ""),
        .. WeightRow.Pair("layers.{n}.hyena.output", "backbone.blocks.{n}.out_filter_dense", ""),
        new("layers.{n}.feed_forward_norm.weight", "backbone.blocks.{n}.post_norm.scale", ""),
        new("layers.{n}.feed_forward.gate.weight", "backbone.blocks.{n}.mlp.l1.weight", ""),
        new("layers.{n}.feed_forward.up.weight", "backbone.blocks.{n}.mlp.l2.weight", ""),
        new("layers.{n}.feed_forward.down.weight", "backbone.blocks.{n}.mlp.l3.weight", ""),
        new("final_norm.weight", "backbone.norm.scale", ""),
        new("head.weight", "backbone.unembed.weight", ""),
    ];

    /// <inheritdoc/>
    protected override string ActivationWhenAbsent => "silu";

    /// <inheritdoc/>
    protected override NormSpec Norm(ConfigReader config) => new((float)config.Real("rms_norm_eps", absent: 1e-5));

    /// <inheritdoc/>
    protected override IEnumerable<LayerSpec> Layers(ConfigReader config, int count)
    {
        int hidden = config.Size("hidden_size"), groups = config.Integer("hyena_filter_groups", absent: 1), filters = config.Integer("num_filters", absent: hidden);
        if (groups != 1) throw config.Unsupported("hyena_filter_groups", $"{groups}", "1");
        if (filters != hidden) throw config.Unsupported("num_filters", $"{filters}", $"{hidden}");
        foreach ((string key, bool known) in ((string, bool)[])[("smeared_gqa", false), ("short_filter_bias", true), ("final_norm", true)])
            if (config.Flag(key, absent: known) != known) throw config.Unsupported(key, known ? "false" : "true", known ? "true" : "false");
        IReadOnlyList<int> attended = config.Integers("attn_layer_idxs") ?? [];
        LayerSpec attention = new(Norm(config), Attention(config), GatedMlp(config)), hyena = attention with
        {
            SequenceMixer = new HyenaSpec
            {
                Channels = hidden,
                Groups = config.Flag("column_split_hyena", absent: true) ? config.Size("num_attention_heads") : 1,
                Taps = config.Size("short_filter_length", absent: 3, most: 1024),
                Modes = config.Size("state_size", absent: 2, most: 65_536),
            },
        };
        return Enumerable.Range(0, count).Select(layer => attended.Contains(layer) ? attention : hyena);
    }

    /// <inheritdoc/>
    protected override int KeyValueHeads(ConfigReader config, int heads) => heads / config.Size("proj_groups", absent: 1);

    /// <inheritdoc/>
    protected override AttentionSpec Attention(ConfigReader config) => base.Attention(config) with
    {
        InputBias = config.Flag("qkv_proj_bias", absent: false),
        OutputBias = config.Flag("mha_out_proj_bias", absent: false),
    };

    /// <summary>Eight thirds of the hidden size, up to a multiple of 64.</summary>
    protected override int IntermediateSize(ConfigReader config) => config.Has("intermediate_size")
        ? config.Size("intermediate_size")
        : (int)((((8L * config.Size("hidden_size") / 3) + 63) / 64) * 64);

    /// <inheritdoc/>
    protected override RotarySpec Rotary(ConfigReader config, int headSize)
    {
        RotarySpec rotary = RotaryKeys.Read(config, headSize, RotaryLayoutOf(config), RotaryBaseWhenAbsent);
        double factor = config.Real("rotary_emb_scaling_factor", absent: 1);
        return config.Flag("use_interpolated_rotary_pos_emb", absent: false) && factor != 1 ? rotary with { Scaling = new LinearScaling(factor) } : rotary;
    }
}
