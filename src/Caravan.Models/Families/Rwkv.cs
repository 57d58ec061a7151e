namespace Caravan.Models;

/// <summary>
/// RWKV-4: averages of the past whose weights decay, in place of attention; every projection sees a mixture of a token and the one before.
/// <code>
/// tokens → embedding → norm → [ + out(σ(r) · wkv(k, v))(norm x) → + σ(r) · value(relu(key)²)(norm x) ] × n → norm → head
/// </code>
/// </summary>
internal class Rwkv : DecoderFamily
{
    /// <summary>The configuration's epsilon is not that of the last norm.</summary>
    private const double FinalEpsilon = 1e-5;

    /// <inheritdoc/>
    public override string Name => "rwkv";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["rwkv"];

    /// <summary>llama.cpp has none for this generation.</summary>
    public override IReadOnlyList<string> GgufArchitectures => [];

    /// <inheritdoc/>
    public override string Paper => "Peng et al. 2023, \"RWKV: Reinventing RNNs for the Transformer Era\"";

    /// <inheritdoc/>
    public override string BasePrefix => "rwkv.";

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> AttributeMap { get; } = new Dictionary<string, string>
    {
        ["max_position_embeddings"] = "context_length",
        ["layer_norm_eps"] = "layer_norm_epsilon",
    };

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        new("embedding.weight", "rwkv.embeddings.weight", ""),
        .. WeightRow.Pair("embedding_norm", "rwkv.blocks.0.pre_ln", ""),
        .. WeightRow.Pair("layers.{n}.mixer_norm", "rwkv.blocks.{n}.ln1", ""),
        .. Shifted("time_mix", "attention", "key", "value", "receptance"),
        new("layers.{n}.time_mix.decay", "rwkv.blocks.{n}.attention.time_decay", ""),
        new("layers.{n}.time_mix.first", "rwkv.blocks.{n}.attention.time_first", ""),
        new("layers.{n}.time_mix.output.weight", "rwkv.blocks.{n}.attention.output.weight", ""),
        .. WeightRow.Pair("layers.{n}.feed_forward_norm", "rwkv.blocks.{n}.ln2", ""),
        .. Shifted("feed_forward", "feed_forward", "key", "receptance"),
        new("layers.{n}.feed_forward.value.weight", "rwkv.blocks.{n}.feed_forward.value.weight", ""),
        .. WeightRow.Pair("final_norm", "rwkv.ln_out", ""),
        new("head.weight", "head.weight", ""),
    ];

    /// <inheritdoc/>
    protected override int ContextWhenAbsent => 1024;

    /// <inheritdoc/>
    public override DecoderSpec Spec(ConfigReader config) => base.Spec(config) with { EmbeddingNorm = Norm(config), FinalNorm = NormSpec.Layer(FinalEpsilon) };

    /// <summary>Every so many layers the reference halves the residual stream, and what is added to it from there on.</summary>
    protected override IEnumerable<LayerSpec> Layers(ConfigReader config, int count)
    {
        int hidden = config.Size("hidden_size"), every = config.Integer("rescale_every", absent: 6);
        LayerSpec layer = new(
            Norm(config), new TimeMixSpec { HiddenSize = hidden, InnerSize = config.Size("attention_hidden_size", absent: hidden) },
            new ShiftedMlpSpec { HiddenSize = hidden, IntermediateSize = IntermediateSize(config) });
        if (every <= 0) return Enumerable.Repeat(layer, count);
        return Enumerable.Range(0, count).Select(number => layer with
        {
            BranchScale = MathF.ScaleB(1, -(number / every)),
            OutputScale = (number + 1) % every == 0 ? 0.5f : 1,
        });
    }

    private static IEnumerable<WeightRow> Shifted(string block, string name, params string[] parts) => parts.SelectMany(part => (WeightRow[])
    [
        new($"layers.{{n}}.{block}.{part}_mix", $"rwkv.blocks.{{n}}.{name}.time_mix_{part}", ""),
        new($"layers.{{n}}.{block}.{part}.weight", $"rwkv.blocks.{{n}}.{name}.{part}.weight", ""),
    ]);
}
