using Caravan.Kernels;

namespace Caravan.Models;

/// <summary>
/// Mixtral: LLaMA whose feed-forward blocks are experts. A router chooses the two best of eight for each token, and their probabilities, divided
/// by their sum, weigh their results.
/// <code>
/// tokens → embedding → [ + attention(norm x) → + Σ weight · expert(norm x) ] × n → norm → head
/// </code>
/// </summary>
internal sealed class Mixtral : Llama
{
    /// <summary>How many experts there are.</summary>
    internal const string ExpertsKey = "num_local_experts";

    private const string PerTokenKey = "num_experts_per_tok";

    /// <inheritdoc/>
    public override string Name => "mixtral";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["mixtral"];

    /// <inheritdoc/>
    public override string Paper => "Jiang et al. 2024, \"Mixtral of Experts\"";

    /// <summary>In GGUF the matrices of all experts are one tensor; files from before April 2024 have them one by one.</summary>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        .. DenseWeights.Where(row => !row.Name.Contains(".feed_forward.", StringComparison.Ordinal)),
        new("layers.{n}.feed_forward.router.weight", "model.layers.{n}.block_sparse_moe.gate.weight", "blk.{n}.ffn_gate_inp.weight"),
        Expert("gate", "w1"),
        Expert("up", "w3"),
        Expert("down", "w2"),
    ];

    /// <inheritdoc/>
    protected override double RotaryBaseWhenAbsent => 1e6;

    /// <inheritdoc/>
    protected override double NormEpsilonWhenAbsent => 1e-5;

    /// <inheritdoc/>
    public override bool Recognises(IConfigSource config) => !config.IsGguf || !base.Recognises(config);

    /// <inheritdoc/>
    protected override ChannelMixerSpec ChannelMixer(ConfigReader config) => new ExpertsSpec
    {
        Count = config.Size(ExpertsKey, absent: 8, most: 4096),
        PerToken = config.Size(PerTokenKey, absent: 2, most: 4096),
        Renormalised = true,
        IntermediateSize = config.Size("intermediate_size"),
        Activation = ActivationReader.Read(config, "hidden_act", absent: "silu"),
    };

    /// <inheritdoc/>
    protected override void Describe(ChannelMixerSpec mixer, ConfigWriter config)
    {
        ExpertsSpec experts = (ExpertsSpec)mixer;
        config.Set(ExpertsKey, experts.Count);
        config.Set(PerTokenKey, experts.PerToken);
        config.Set("intermediate_size", experts.IntermediateSize);
        if (!config.IsGguf) config.Set("hidden_act", ActivationReader.NameOf(experts.Activation));
    }

    /// <inheritdoc/>
    protected override string? InexpressibleChannelMixer(ChannelMixerSpec mixer, bool gguf) =>
        mixer is not ExpertsSpec { Renormalised: true } experts ? "feed-forward blocks without a router"
        : gguf && experts.Activation != ActivationFunction.Silu ? $"the activation {experts.Activation}"
        : null;

    /// <inheritdoc/>
    protected override string? InexpressibleInConfigJson(AttentionSpec attention, ChannelMixerSpec mixer) =>
        attention.InputBias || attention.OutputBias ? "biases beside experts" : null;

    /// <inheritdoc/>
    protected override int Window(ConfigReader config) => SlidingWindow.Read(config, absent: null);

    /// <inheritdoc/>
    protected override int KeyValueHeads(ConfigReader config, int heads) => config.Size("num_key_value_heads", absent: 8);

    private static WeightRow Expert(string part, string number) => new(
        $"layers.{{n}}.feed_forward.experts.{{e}}.{part}.weight", $"model.layers.{{n}}.block_sparse_moe.experts.{{e}}.{number}.weight",
        $"blk.{{n}}.ffn_{part}_exps.weight", OlderGguf: $"blk.{{n}}.ffn_{part}.{{e}}.weight");
}
