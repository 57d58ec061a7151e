namespace Caravan.Models;

/// <summary>
/// RWKV-6 (Finch): RWKV-5 whose decays, and what each projection sees of the row before, depend on the row.
/// <code>
/// tokens → embedding → norm → [ + out(silu(gate) · norm(wkv(r, k, v, decay)))(norm x) → + σ(r) · value(relu(key)²)(norm x) ] × n → norm → head
/// </code>
/// </summary>
internal sealed class Rwkv6 : Rwkv5
{
    private const string MixRankKey = "time_mix_extra_dim", DecayRankKey = "time_decay_extra_dim", HalvingKey = "rescale_every_n_layers", ShiftsKey = "token_shift_count";

    /// <summary>The residual stream of the largest models, whose narrow layers are twice as wide.</summary>
    private const int Large = 4096;

    /// <inheritdoc/>
    public override string Name => "rwkv6";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["rwkv6"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> GgufArchitectures => ["rwkv6"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> KeysWithoutInfluence => [.. base.KeysWithoutInfluence, "rwkv6.attention.head_count"];

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        .. SharedRows("time_maa_k", "time_maa_r"),
        new("layers.{n}.time_mix.share_in_mix", Row("attention.time_maa_x"), "blk.{n}.time_mix_lerp_x.weight"),
        new("layers.{n}.time_mix.share_in.weight", new StoredWeight("rwkv.blocks.{n}.attention.time_maa_w1") { Transposed = true }, "blk.{n}.time_mix_w1.weight"),
        new(
            "layers.{n}.time_mix.mixtures.{e}.share_out.weight", new StoredWeight("rwkv.blocks.{n}.attention.time_maa_w2") { Transposed = true },
            "blk.{n}.time_mix_w2.weight"),
        .. ((string[])["decay", "key", "value", "receptance", "gate"]).SelectMany(Share),
        new("layers.{n}.time_mix.decay_in.weight", new StoredWeight("rwkv.blocks.{n}.attention.time_decay_w1") { Transposed = true }, "blk.{n}.time_mix_decay_w1.weight"),
        new("layers.{n}.time_mix.decay_out.weight", new StoredWeight("rwkv.blocks.{n}.attention.time_decay_w2") { Transposed = true }, "blk.{n}.time_mix_decay_w2.weight"),
        new("layers.{n}.time_mix.decay_out.bias", Row("attention.time_decay"), "blk.{n}.time_mix_decay.weight"),
    ];

    /// <inheritdoc/>
    protected override string Version => "6_0";

    /// <inheritdoc/>
    public override DecoderSpec Spec(ConfigReader config) => config.IsGguf ? base.Spec(config) with { FinalNorm = Norm(config) } : base.Spec(config);

    /// <summary>In GGUF, what deep layers add is stored divided, so that the residual stream has to be halved on the way.</summary>
    protected override IEnumerable<LayerSpec> Layers(ConfigReader config, int count)
    {
        IEnumerable<LayerSpec> layers = base.Layers(config, count);
        if (!config.IsGguf || config.Integer(HalvingKey, absent: 0) is not (> 0 and int every)) return layers;
        return layers.Select((layer, number) => (number + 1) % every == 0 ? layer with { OutputScale = 0.5f } : layer);
    }

    /// <inheritdoc/>
    protected override LayerSpec Layer(ConfigReader config)
    {
        if (config.IsGguf && config.Integer(ShiftsKey, absent: 2) is int shifts && shifts != 2) throw config.Unsupported(ShiftsKey, $"{shifts}", "2");
        LayerSpec layer = base.Layer(config);
        return layer with { ChannelMixer = (ShiftedMlpSpec)layer.ChannelMixer with { SharesOfPast = true } };
    }

    /// <inheritdoc/>
    protected override MatrixTimeMixSpec TimeMix(ConfigReader config)
    {
        bool large = config.Size("hidden_size") == Large;
        return base.TimeMix(config) with { Dynamic = new DynamicDecaySpec(Rank(MixRankKey, large ? 64 : 32), Rank(DecayRankKey, large ? 128 : 64)) };

        int Rank(string key, int usual) => config.IsGguf ? config.Size(key) : config.Size(key, absent: usual);
    }

    /// <inheritdoc/>
    public override void Describe(DecoderSpec spec, ConfigWriter config)
    {
        base.Describe(spec, config);
        if (spec.Layers[0].SequenceMixer is not MatrixTimeMixSpec { Dynamic: { } dynamic } mixer) return;
        config.Set(MixRankKey, dynamic.MixRank);
        config.Set(DecayRankKey, dynamic.DecayRank);
        if (!config.IsGguf) return;
        config.Set("wkv.head_size", mixer.HeadSize);
        config.Set("num_attention_heads", 0);
        config.Set(HalvingKey, spec.Layers.IndexOf(spec.Layers.FirstOrDefault(layer => layer.OutputScale != 1)!) + 1);
    }

    /// <summary>
    /// The share that a mixture takes whatever the row. llama.cpp's converter keeps all five in one tensor of four dimensions; its reader takes them apart
    /// as well, and so they are written.
    /// </summary>
    private static IEnumerable<WeightRow> Share(string mixture, int number)
    {
        char letter = mixture == "decay" ? 'w' : mixture[0];
        string name = $"layers.{{n}}.time_mix.{mixture}_mix";
        StoredWeight huggingFace = Row($"attention.time_maa_{letter}");
        yield return new(name, huggingFace, $"blk.{{n}}.time_mix_lerp_{letter}.weight");
        yield return new(name, huggingFace, new StoredWeight("blk.{n}.time_mix_lerp_fused.weight") { Rows = (_, _) => new RowRuns(number, 1, 5) });
    }
}
