namespace Caravan.Models;

/// <summary>
/// StarCoder 2: layer norms before each half of a layer, rotary positions, grouped keys, a sliding window, biases everywhere.
/// <code>
/// tokens → embedding → [ + attention(norm x) → + down(gelu(up))(norm x) ] × n → norm → head
/// </code>
/// </summary>
internal sealed class Starcoder2 : DecoderFamily
{
    private const string BiasKey = "use_bias";

    /// <inheritdoc/>
    public override string Name => "starcoder2";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["starcoder2"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> GgufArchitectures => ["starcoder2"];

    /// <inheritdoc/>
    public override string Paper => "Lozhkov et al. 2024, \"StarCoder 2 and The Stack v2: The Next Generation\"";

    /// <inheritdoc/>
    public override IReadOnlyList<string> KeysWithoutInfluence => ["embedding_dropout", "residual_dropout"];

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> AttributeMap { get; } = new Dictionary<string, string> { ["layer_norm_eps"] = "norm_epsilon" };

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        new("embedding.weight", "model.embed_tokens.weight", "token_embd.weight"),
        .. WeightRow.Pair("layers.{n}.mixer_norm", "model.layers.{n}.input_layernorm", "blk.{n}.attn_norm"),
        .. WeightRow.QueryKeyValue("model.layers.{n}.self_attn.*_proj"),
        .. WeightRow.Pair("layers.{n}.attention.output", "model.layers.{n}.self_attn.o_proj", "blk.{n}.attn_output"),
        .. WeightRow.Pair("layers.{n}.feed_forward_norm", "model.layers.{n}.post_attention_layernorm", "blk.{n}.ffn_norm"),
        .. WeightRow.Pair("layers.{n}.feed_forward.up", "model.layers.{n}.mlp.c_fc", "blk.{n}.ffn_up"),
        .. WeightRow.Pair("layers.{n}.feed_forward.down", "model.layers.{n}.mlp.c_proj", "blk.{n}.ffn_down"),
        .. WeightRow.Pair("final_norm", "model.norm", "output_norm"),
        new("head.weight", "lm_head.weight", "output.weight"),
    ];

    /// <inheritdoc/>
    protected override string ActivationWhenAbsent => "gelu_pytorch_tanh";

    /// <inheritdoc/>
    protected override int ContextWhenAbsent => 4096;

    /// <inheritdoc/>
    protected override AttentionSpec Attention(ConfigReader config)
    {
        AttentionSpec attention = base.Attention(config);
        return attention with
        {
            InputBias = config.Flag(BiasKey, absent: attention.InputBias),
            OutputBias = config.Flag(BiasKey, absent: attention.OutputBias),
            Window = SlidingWindow.Read(config, absent: null),
        };
    }

    /// <inheritdoc/>
    protected override int KeyValueHeads(ConfigReader config, int heads) => config.Size("num_key_value_heads", absent: config.IsGguf ? heads : 2);

    /// <inheritdoc/>
    protected override ChannelMixerSpec ChannelMixer(ConfigReader config)
    {
        MlpSpec mixer = (MlpSpec)base.ChannelMixer(config);
        return mixer with { Bias = config.Flag(BiasKey, absent: mixer.Bias) };
    }

    /// <inheritdoc/>
    protected override void Describe(AttentionSpec attention, ConfigWriter config)
    {
        base.Describe(attention, config);
        if (!config.IsGguf) config.Set(BiasKey, attention.InputBias);
    }
}
