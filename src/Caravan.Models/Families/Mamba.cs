namespace Caravan.Models;

/// <summary>
/// Mamba: nothing but selective state spaces, each behind an RMS norm.
/// <code>
/// tokens → embedding → [ + out(scan(silu(conv(in))) · silu(gate))(norm x) ] × n → norm → head
/// </code>
/// </summary>
internal class Mamba : DecoderFamily
{
    /// <inheritdoc/>
    public override string Name => "mamba";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["mamba"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> GgufArchitectures => ["mamba"];

    /// <inheritdoc/>
    public override string Paper => "Gu and Dao 2023, \"Mamba: Linear-Time Sequence Modeling with Selective State Spaces\"";

    /// <inheritdoc/>
    public override string BasePrefix => "backbone.";

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> AttributeMap { get; } = new Dictionary<string, string> { ["rms_norm_eps"] = "layer_norm_epsilon" };

    /// <summary>How steps are drawn before training, and the precision in which the reference adds.</summary>
    public override IReadOnlyList<string> KeysWithoutInfluence =>
    [
        "expand", "rescale_prenorm_residual", "residual_in_fp32", "time_step_floor", "time_step_init_scheme", "time_step_max", "time_step_min", "time_step_scale",
        "mamba.feed_forward_length", "mamba.attention.head_count",
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        new("embedding.weight", "backbone.embeddings.weight", "token_embd.weight"),
        new("layers.{n}.mixer_norm.weight", "backbone.layers.{n}.norm.weight", "blk.{n}.attn_norm.weight"),
        .. MixerRows("backbone.layers.{n}.mixer"),
        new("final_norm.weight", "backbone.norm_f.weight", "output_norm.weight"),
        new("head.weight", "lm_head.weight", "output.weight"),
    ];

    /// <summary>The weights of a block. Input and gate are one matrix on disk, and so are what steps, input and output matrices come from.</summary>
    /// <param name="name">Hugging Face's name of the block.</param>
    internal static IEnumerable<WeightRow> MixerRows(string name)
    {
        foreach (string kind in (string[])["weight", "bias"])
        {
            yield return Part($"input.{kind}", $"in_proj.{kind}", $"ssm_in.{kind}", mixer => new RowRuns(0, mixer.InnerSize, 2L * mixer.InnerSize));
            yield return Part($"gate.{kind}", $"in_proj.{kind}", $"ssm_in.{kind}", mixer => new RowRuns(mixer.InnerSize, mixer.InnerSize, 2L * mixer.InnerSize));
        }

        yield return new(
            "layers.{n}.mamba.conv.weight", new StoredWeight($"{name}.conv1d.weight") { Transposed = true, UnitDimension = 1 },
            new StoredWeight("blk.{n}.ssm_conv1d.weight") { Transposed = true });
        yield return new("layers.{n}.mamba.conv.bias", $"{name}.conv1d.bias", "blk.{n}.ssm_conv1d.bias");
        yield return Part("step_in.weight", "x_proj.weight", "ssm_x.weight", mixer => new RowRuns(0, mixer.StepRank, mixer.StepRank + (2L * mixer.States)));
        yield return Part("b.weight", "x_proj.weight", "ssm_x.weight", mixer => new RowRuns(mixer.StepRank, mixer.States, mixer.StepRank + (2L * mixer.States)));
        yield return Part(
            "c.weight", "x_proj.weight", "ssm_x.weight", mixer => new RowRuns(mixer.StepRank + mixer.States, mixer.States, mixer.StepRank + (2L * mixer.States)));
        foreach (WeightRow row in WeightRow.Pair("layers.{n}.mamba.step", $"{name}.dt_proj", "blk.{n}.ssm_dt")) yield return row;
        yield return new(
            "layers.{n}.mamba.a_log", new StoredWeight($"{name}.A_log") { Transposed = true },
            new StoredWeight("blk.{n}.ssm_a") { Transposed = true, Map = ElementMap.LogarithmOfRate });
        yield return new("layers.{n}.mamba.skip", $"{name}.D", "blk.{n}.ssm_d");
        foreach (WeightRow row in WeightRow.Pair("layers.{n}.mamba.output", $"{name}.out_proj", "blk.{n}.ssm_out")) yield return row;

        WeightRow Part(string part, string huggingFace, string gguf, Func<MambaSpec, RowRuns> rows) => new(
            $"layers.{{n}}.mamba.{part}", new StoredWeight($"{name}.{huggingFace}") { Rows = Rows(rows) },
            new StoredWeight($"blk.{{n}}.{gguf}") { Rows = Rows(rows) });
    }

    /// <inheritdoc/>
    protected override int ContextWhenAbsent => 1 << 20;

    /// <inheritdoc/>
    protected override NormSpec Norm(ConfigReader config) => new((float)config.Real("rms_norm_eps", absent: NormEpsilonWhenAbsent));

    /// <summary>What families with such blocks say alike, but for the names of their keys; GGUF has one name for each.</summary>
    internal static MambaSpec Mixer(ConfigReader config, string taps, string states, string rank) => new()
    {
        InnerSize = 0,
        Taps = config.IsGguf ? config.Size("ssm.conv_kernel", most: 1024) : config.Size(taps, absent: 4, most: 1024),
        States = config.IsGguf ? config.Size("ssm.state_size", most: 65_536) : config.Size(states, absent: 16, most: 65_536),
        StepRank = config.IsGguf ? config.Size("ssm.time_step_rank")
            : config.Automatic(rank) ? (config.Size("hidden_size") + 15) / 16 : config.Size(rank),
        Activation = ActivationReader.Read(config, "hidden_act", absent: "silu"),
    };

    /// <summary>The same the other way round.</summary>
    internal static void Describe(MambaSpec mixer, ConfigWriter config, string taps, string states, string rank)
    {
        config.Set(config.IsGguf ? "ssm.conv_kernel" : taps, mixer.Taps);
        config.Set(config.IsGguf ? "ssm.state_size" : states, mixer.States);
        config.Set(config.IsGguf ? "ssm.time_step_rank" : rank, mixer.StepRank);
        if (config.IsGguf) config.Set("ssm.inner_size", mixer.InnerSize);
        else config.Set("hidden_act", ActivationReader.NameOf(mixer.Activation));
    }

    /// <inheritdoc/>
    protected override LayerSpec Layer(ConfigReader config)
    {
        MambaSpec mixer = Mixer(config, "conv_kernel", "state_size", "time_step_rank") with
        {
            InnerSize = config.IsGguf ? config.Size("ssm.inner_size")
                : config.Size("intermediate_size", absent: (int)(config.Real("expand", absent: 2) * config.Size("hidden_size"))),
            // llama.cpp's has no biases but the convolution's and the steps'.
            Bias = !config.IsGguf && config.Flag("use_bias", absent: false),
            ConvBias = config.IsGguf || config.Flag("use_conv_bias", absent: true),
        };
        if (config.IsGguf && config.Flag("ssm.dt_b_c_rms", absent: false)) throw config.Unsupported("ssm.dt_b_c_rms", "true", "false");
        return new LayerSpec(Norm(config), mixer, new NoChannelMixerSpec());
    }

    /// <inheritdoc/>
    public override void Describe(DecoderSpec spec, ConfigWriter config)
    {
        base.Describe(spec, config);
        if (spec.Layers[0].SequenceMixer is not MambaSpec mixer) return;
        Describe(mixer, config, "conv_kernel", "state_size", "time_step_rank");
        if (config.IsGguf)
        {
            config.Set("num_attention_heads", 0);
            config.Set("ssm.dt_b_c_rms", false);
            return;
        }

        config.Set("intermediate_size", mixer.InnerSize);
        config.Set("expand", (double)mixer.InnerSize / spec.HiddenSize);
        config.Set("use_bias", mixer.Bias);
        config.Set("use_conv_bias", mixer.ConvBias);
    }

    private static RowsOf Rows(Func<MambaSpec, RowRuns> rows) => (layer, _) => rows((MambaSpec)layer.SequenceMixer);
}
