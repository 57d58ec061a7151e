namespace Caravan.Models;

/// <summary>LLaMA's kin of whose layers some or all have experts instead of one feed-forward block.</summary>
internal abstract class ExpertsKin : LlamaKin
{
    /// <summary>How many experts there are.</summary>
    protected const string ExpertsKey = "num_local_experts";

    /// <summary>How many each token passes.</summary>
    protected const string PerTokenKey = "num_experts_per_tok";

    /// <summary>The key of an expert's width.</summary>
    protected virtual string WidthKey => "moe_intermediate_size";

    /// <summary>Rows of a weight of all experts, one by one in Hugging Face checkpoints and stacked in GGUF.</summary>
    protected static IEnumerable<WeightRow> ExpertRows(string huggingFace) => ((string[])["gate", "up", "down"]).Select(part => new WeightRow(
        $"layers.{{n}}.feed_forward.experts.{{e}}.{part}.weight", $"{huggingFace}.{{e}}.{part}_proj.weight", $"blk.{{n}}.ffn_{part}_exps.weight"));

    /// <summary>Rows of the expert that all tokens pass.</summary>
    protected static IEnumerable<WeightRow> SharedRows(string huggingFace) => ((string[])["gate", "up", "down"]).Select(part => new WeightRow(
        $"layers.{{n}}.feed_forward.shared.{part}.weight", $"{huggingFace}.{part}_proj.weight", $"blk.{{n}}.ffn_{part}_shexp.weight"));

    /// <summary>The experts of the layers that have some.</summary>
    protected abstract ExpertsSpec Experts(ConfigReader config);

    /// <summary>Which layers have experts.</summary>
    protected abstract Func<int, bool> LayersWithExperts(ConfigReader config);

    /// <inheritdoc/>
    protected override LayerSpec Layer(ConfigReader config) => new(Norm(config), Attention(config), Experts(config));

    /// <inheritdoc/>
    protected override IEnumerable<LayerSpec> Layers(ConfigReader config, int count)
    {
        LayerSpec layer = Layer(config);
        Func<int, bool> sparse = LayersWithExperts(config);
        Lazy<LayerSpec> dense = new(() => layer with { ChannelMixer = ChannelMixer(config) });
        return Enumerable.Range(0, count).Select(number => sparse(number) ? layer : dense.Value);
    }

    /// <inheritdoc/>
    public override void Describe(DecoderSpec spec, ConfigWriter config)
    {
        base.Describe(spec, config);
        foreach (ChannelMixerSpec mixer in spec.Layers.Select(layer => layer.ChannelMixer).Distinct().Skip(1)) Describe(mixer, config);
    }

    /// <inheritdoc/>
    protected override void Describe(ChannelMixerSpec mixer, ConfigWriter config)
    {
        if (mixer is ExpertsSpec experts) Describe(experts, config);
        else base.Describe(mixer, config);
    }

    /// <summary>The keys of experts.</summary>
    protected virtual void Describe(ExpertsSpec experts, ConfigWriter config)
    {
        config.Set(ExpertsKey, experts.Count);
        config.Set(PerTokenKey, experts.PerToken);
        config.Set(WidthKey, experts.IntermediateSize);
        if (config.IsGguf) return;
        config.Set("norm_topk_prob", experts.Renormalised);
        config.Set("hidden_act", ActivationReader.NameOf(experts.Activation));
    }
}
