namespace Caravan.Models;

/// <summary>
/// PaLM as its open reimplementation has it: both halves of a layer side by side behind one norm and fused in one matrix, one head of keys and
/// values, rotary positions whose products decay (xPos), a SiLU-gated MLP. Its checkpoints come without a <c>config.json</c>; one is written with
/// the names of its constructor.
/// <code>
/// tokens → embedding → [ + attention(norm x) + down(silu(gate) · up)(norm x) ] × n → norm → head
/// </code>
/// </summary>
internal sealed class Palm : DecoderFamily
{
    private const string NormedKey = "qk_rmsnorm";

    /// <inheritdoc/>
    public override string Name => "palm";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["palm"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> GgufArchitectures => [];

    /// <inheritdoc/>
    public override string Paper => "Chowdhery et al. 2022, \"PaLM: Scaling Language Modeling with Pathways\"";

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> AttributeMap { get; } = new Dictionary<string, string>
    {
        ["vocab_size"] = "num_tokens",
        ["hidden_size"] = "dim",
        ["num_hidden_layers"] = "depth",
        ["num_attention_heads"] = "heads",
        ["head_dim"] = "dim_head",
    };

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        new("embedding.weight", "token_emb.weight"),
        new("layers.{n}.mixer_norm.weight", "layers.{n}.fn.norm.gamma"),
        Part("attention.query", 0),
        Part("attention.key", 1),
        Part("attention.value", 2),
        new("layers.{n}.attention.output.weight", "layers.{n}.fn.attn_out.weight"),
        Part("feed_forward.up", 3),
        Part("feed_forward.gate", 4),
        new("layers.{n}.feed_forward.down.weight", "layers.{n}.fn.ff_out.2.weight"),
        new("final_norm.weight", "norm.gamma"),
        new("head.weight", "to_logits.weight"),
    ];

    /// <inheritdoc/>
    protected override string ActivationWhenAbsent => "silu";

    /// <inheritdoc/>
    protected override int ContextWhenAbsent => 8192;

    /// <summary>Zeros in the place of biases, and tables.</summary>
    public override bool IsBuffer(string name) =>
        base.IsBuffer(name) || name.EndsWith("rotary_emb.scale", StringComparison.Ordinal) || name.EndsWith("norm.beta", StringComparison.Ordinal);

    /// <inheritdoc/>
    protected override NormSpec Norm(ConfigReader config) => NormSpec.Layer(NormEpsilonWhenAbsent, bias: false);

    /// <inheritdoc/>
    protected override LayerSpec Layer(ConfigReader config) => base.Layer(config) with { Order = LayerOrder.Parallel };

    /// <inheritdoc/>
    protected override AttentionSpec Attention(ConfigReader config) =>
        config.Flag(NormedKey, absent: false) ? throw config.Unsupported(NormedKey, "true", "false") : base.Attention(config);

    /// <inheritdoc/>
    protected override int KeyValueHeads(ConfigReader config, int heads) => 1;

    /// <inheritdoc/>
    protected override RotarySpec? Rotary(ConfigReader config, int headSize) =>
        base.Rotary(config, headSize)! with { DecayLength = config.Size("rotary_xpos_scale_base", absent: 512) };

    /// <inheritdoc/>
    protected override ChannelMixerSpec ChannelMixer(ConfigReader config) => GatedMlp(config);

    /// <inheritdoc/>
    protected override int IntermediateSize(ConfigReader config) => config.Size("hidden_size") * config.Size("ff_mult", absent: 4);

    /// <summary>One of what lies above each other: queries, the key, the value, up, gate.</summary>
    private static WeightRow Part(string name, int number) => new($"layers.{{n}}.{name}.weight", new StoredWeight("layers.{n}.fn.fused_attn_ff_proj.weight")
    {
        Rows = (layer, _) =>
        {
            AttentionSpec attention = (AttentionSpec)layer.SequenceMixer;
            long width = layer.ChannelMixer.IntermediateWidth;
            long[] heights = [attention.Heads * (long)attention.HeadSize, attention.HeadSize, attention.HeadSize, width, width];
            return new RowRuns(heights[..number].Sum(), heights[number], heights.Sum());
        },
    });
}
