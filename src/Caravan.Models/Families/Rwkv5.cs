namespace Caravan.Models;

/// <summary>
/// RWKV-5 (Eagle): RWKV whose states are matrices, read by heads.
/// <code>
/// tokens → embedding → norm → [ + out(silu(gate) · norm(wkv(r, k, v)))(norm x) → + σ(r) · value(relu(key)²)(norm x) ] × n → norm → head
/// </code>
/// </summary>
internal class Rwkv5 : Rwkv
{
    private const string HeadSizeKey = "head_size", DivisorKey = "head_size_divisor", InnerSizeKey = "attention_hidden_size";

    /// <summary>Of the norm of heads, whose input was divided in training by what the configuration says.</summary>
    private const double HeadEpsilon = 1e-5;

    /// <inheritdoc/>
    public override string Name => "rwkv5";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["rwkv5"];

    /// <inheritdoc/>
    public override string Paper => "Peng et al. 2024, \"Eagle and Finch: RWKV with Matrix-Valued States and Dynamic Recurrence\"";

    /// <summary>
    /// Halving the residual stream every so many layers keeps binary16 in its range, and the reference does it for such types only. Heads are as many
    /// as their size leaves room for, whatever the key says.
    /// </summary>
    public override IReadOnlyList<string> KeysWithoutInfluence => ["rescale_every", "num_attention_heads"];

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        .. SharedRows("time_mix_key", "time_mix_receptance"),
        .. ((string[])["key", "value", "receptance", "gate"]).Select(part =>
            new WeightRow($"layers.{{n}}.time_mix.{part}_mix", Row($"attention.time_mix_{part}"))),
        new("layers.{n}.time_mix.decay", "rwkv.blocks.{n}.attention.time_decay"),
    ];

    /// <summary>The version of the published architecture; those before had one decay for each head.</summary>
    protected virtual string Version => "5_2";

    /// <inheritdoc/>
    protected override int ContextWhenAbsent => 1 << 20;

    /// <summary>What RWKV-5 and RWKV-6 call alike.</summary>
    /// <param name="keyMix">The name of the channel mixing's share for keys.</param>
    /// <param name="receptanceMix">That for receptances.</param>
    protected static IEnumerable<WeightRow> SharedRows(string keyMix, string receptanceMix) =>
    [
        new("embedding.weight", "rwkv.embeddings.weight", "token_embd.weight"),
        .. WeightRow.Pair("embedding_norm", "rwkv.blocks.0.pre_ln", "token_embd_norm"),
        .. WeightRow.Pair("layers.{n}.mixer_norm", "rwkv.blocks.{n}.ln1", "blk.{n}.attn_norm"),
        .. ((string[])["key", "value", "receptance", "gate", "output"]).Select(part =>
            new WeightRow($"layers.{{n}}.time_mix.{part}.weight", $"rwkv.blocks.{{n}}.attention.{part}.weight", $"blk.{{n}}.time_mix_{part}.weight")),
        new("layers.{n}.time_mix.first", "rwkv.blocks.{n}.attention.time_faaaa", "blk.{n}.time_mix_first.weight"),
        .. WeightRow.Pair("layers.{n}.time_mix.head_norm", "rwkv.blocks.{n}.attention.ln_x", "blk.{n}.time_mix_ln"),
        .. WeightRow.Pair("layers.{n}.feed_forward_norm", "rwkv.blocks.{n}.ln2", "blk.{n}.attn_norm_2"),
        new("layers.{n}.feed_forward.key_mix", Row($"feed_forward.{keyMix}"), "blk.{n}.channel_mix_lerp_k.weight"),
        new("layers.{n}.feed_forward.receptance_mix", Row($"feed_forward.{receptanceMix}"), "blk.{n}.channel_mix_lerp_r.weight"),
        .. ((string[])["key", "receptance", "value"]).Select(part =>
            new WeightRow($"layers.{{n}}.feed_forward.{part}.weight", $"rwkv.blocks.{{n}}.feed_forward.{part}.weight", $"blk.{{n}}.channel_mix_{part}.weight")),
        .. WeightRow.Pair("final_norm", "rwkv.ln_out", "output_norm"),
        new("head.weight", "head.weight", "output.weight"),
    ];

    /// <summary>A vector that the reference keeps as the row of a batch: [1, 1, features].</summary>
    protected static StoredWeight Row(string name) => new($"rwkv.blocks.{{n}}.{name}") { LeadingUnits = 2 };

    /// <inheritdoc/>
    protected override IEnumerable<LayerSpec> Layers(ConfigReader config, int count)
    {
        if (config.Text("model_version", absent: Version) is var version && version != Version) throw config.Unsupported("model_version", version, Version);
        return Enumerable.Repeat(Layer(config), count);
    }

    /// <inheritdoc/>
    protected override LayerSpec Layer(ConfigReader config) => new(Norm(config), TimeMix(config), new ShiftedMlpSpec
    {
        HiddenSize = config.Size("hidden_size"), IntermediateSize = IntermediateSize(config),
    });

    /// <summary>The first half of a layer.</summary>
    protected virtual MatrixTimeMixSpec TimeMix(ConfigReader config)
    {
        int hidden = config.Size("hidden_size"), size = config.IsGguf ? config.Size("wkv.head_size", most: 65_536) : config.Size(HeadSizeKey, absent: 64, most: 65_536);
        int inner = config.IsGguf ? hidden : config.Size(InnerSizeKey, absent: hidden);
        if (inner % size != 0) throw config.Unsupported(config.IsGguf ? "wkv.head_size" : HeadSizeKey, $"{size}", $"the divisors of {inner}");
        double divisor = config.IsGguf ? 8 : config.Real(DivisorKey, absent: 8);
        return new MatrixTimeMixSpec { HiddenSize = hidden, Heads = inner / size, HeadSize = size, HeadNorm = NormSpec.Layer(HeadEpsilon * divisor * divisor) };
    }

    /// <summary>Three and a half times the hidden size, down to a multiple of 32.</summary>
    protected override int IntermediateSize(ConfigReader config) =>
        config.Size("intermediate_size", absent: (int)(config.Size("hidden_size") * 3.5) / 32 * 32);

    /// <inheritdoc/>
    public override void Describe(DecoderSpec spec, ConfigWriter config)
    {
        base.Describe(spec, config);
        if (config.IsGguf || spec.Layers[0].SequenceMixer is not MatrixTimeMixSpec mixer) return;
        config.Set(HeadSizeKey, mixer.HeadSize);
        config.Set(InnerSizeKey, mixer.InnerSize);
        config.Set(DivisorKey, (int)Math.Round(Math.Sqrt(mixer.HeadNorm.Epsilon / HeadEpsilon)));
        config.Set("rescale_every", 0);
    }
}
