namespace Caravan.Models;

/// <summary>
/// Falcon in the style of 40B and 180B: grouped keys, and a norm for each half of a layer.
/// <code>
/// tokens → embedding → [ + attention(norm₁ x) + down(gelu(up))(norm₂ x) ] × n → norm → head
/// </code>
/// </summary>
internal sealed class Falcon40 : Falcon
{
    /// <inheritdoc/>
    public override string Name => "falcon-40b";

    /// <summary>GGUF calls the feed-forward block's norm <c>attn_norm</c>.</summary>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        .. SharedWeights,
        .. WeightRow.Pair("layers.{n}.mixer_norm", "transformer.h.{n}.ln_attn", "blk.{n}.attn_norm_2"),
        .. WeightRow.Pair("layers.{n}.feed_forward_norm", "transformer.h.{n}.ln_mlp", "blk.{n}.attn_norm"),
    ];

    /// <inheritdoc/>
    public override bool Recognises(IConfigSource config) => HasItsStyle(config);

    /// <inheritdoc/>
    protected override LayerSpec Layer(ConfigReader config) => base.Layer(config) with { Order = LayerOrder.ParallelTwoNorms };

    /// <inheritdoc/>
    protected override int KeyValueHeads(ConfigReader config, int heads) => config.Size("num_key_value_heads", absent: heads);

    /// <inheritdoc/>
    public override void Describe(DecoderSpec spec, ConfigWriter config)
    {
        base.Describe(spec, config);
        if (!config.IsGguf) config.Set("new_decoder_architecture", true);
    }

    internal static bool HasItsStyle(IConfigSource config) => config.IsGguf
        ? config.Find("num_key_value_heads") is long and not 1
        : config.Find("new_decoder_architecture") is true;
}
