using Caravan.Kernels;

namespace Caravan.Models;

/// <summary>
/// GPT-J: both halves of a layer side by side behind one norm, rotary positions on the first features of each head, neighbours in pairs, no biases
/// in attention, a head with a bias.
/// <code>
/// tokens → embedding → [ + attention(norm x) + down(gelu(up))(norm x) ] × n → norm → head
/// </code>
/// </summary>
internal class GptJ : DecoderFamily
{
    private const string DimensionsKey = "rotary_dim";

    /// <inheritdoc/>
    public override string Name => "gptj";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["gptj"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> GgufArchitectures => ["gptj"];

    /// <inheritdoc/>
    public override string Paper => "Wang and Komatsuzaki 2021, \"GPT-J-6B: A 6 Billion Parameter Autoregressive Language Model\"";

    /// <inheritdoc/>
    public override string BasePrefix => "transformer.";

    /// <inheritdoc/>
    public override string HuggingFaceClass => "GPTJForCausalLM";

    /// <inheritdoc/>
    public override RotaryLayout HuggingFaceRotary => RotaryLayout.Interleaved;

    /// <inheritdoc/>
    public override RotaryLayout GgufRotary => RotaryLayout.Interleaved;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> AttributeMap => Gpt2.Keys;

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights { get; } = [.. SharedWeights, .. WeightRow.QueryKeyValue("transformer.h.{n}.attn.*_proj")];

    /// <summary>The weights that kin call the same.</summary>
    protected static IEnumerable<WeightRow> SharedWeights =>
    [
        new("embedding.weight", "transformer.wte.weight", "token_embd.weight"),
        .. WeightRow.Pair("layers.{n}.mixer_norm", "transformer.h.{n}.ln_1", "blk.{n}.attn_norm"),
        .. WeightRow.Pair("layers.{n}.attention.output", "transformer.h.{n}.attn.out_proj", "blk.{n}.attn_output"),
        .. WeightRow.Pair("layers.{n}.feed_forward.up", "transformer.h.{n}.mlp.fc_in", "blk.{n}.ffn_up"),
        .. WeightRow.Pair("layers.{n}.feed_forward.down", "transformer.h.{n}.mlp.fc_out", "blk.{n}.ffn_down"),
        .. WeightRow.Pair("final_norm", "transformer.ln_f", "output_norm"),
        .. WeightRow.Pair("head", "lm_head", "output"),
    ];

    /// <inheritdoc/>
    protected override string ActivationWhenAbsent => "gelu_new";

    /// <summary>Masks and tables that older writers save beside the weights.</summary>
    public override bool IsBuffer(string name) => base.IsBuffer(name)
        || ((string[])[".attn.bias", ".attn.masked_bias", ".attn.causal_mask", ".attn.embed_positions"]).Any(end => name.EndsWith(end, StringComparison.Ordinal));

    /// <inheritdoc/>
    protected override LayerSpec Layer(ConfigReader config) => base.Layer(config) with { Order = LayerOrder.Parallel };

    /// <inheritdoc/>
    protected override RotarySpec Rotary(ConfigReader config, int headSize) =>
        RotaryKeys.Read(config, config.IsGguf ? headSize : config.Size(DimensionsKey, absent: 64), RotaryLayoutOf(config));

    /// <inheritdoc/>
    protected override void Describe(AttentionSpec attention, ConfigWriter config)
    {
        base.Describe(attention, config);
        if (!config.IsGguf && attention.Rotary is { } rotary) config.Set(DimensionsKey, rotary.Dimensions);
    }
}
