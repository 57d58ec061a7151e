using System.Text.Json;

namespace Caravan.Models;

/// <summary>
/// GPT-Neo: GPT-2 whose layers take turns in seeing everything and seeing a window only; scores are not scaled.
/// <code>
/// tokens → embedding + position → [ + attention(norm x) → + down(gelu(up))(norm x) ] × n → norm → head
/// </code>
/// </summary>
internal sealed class GptNeo : DecoderFamily
{
    private const string Local = "local", Global = "global";

    /// <inheritdoc/>
    public override string Name => "gpt_neo";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["gpt_neo"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> GgufArchitectures => [];

    /// <inheritdoc/>
    public override string Paper => "Black et al. 2021, \"GPT-Neo: Large Scale Autoregressive Language Modeling with Mesh-Tensorflow\"";

    /// <inheritdoc/>
    public override string BasePrefix => "transformer.";

    /// <inheritdoc/>
    public override string HuggingFaceClass => "GPTNeoForCausalLM";

    /// <inheritdoc/>
    public override IReadOnlyList<string> KeysWithoutInfluence => ["attention_types", "attention_layers"];

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> AttributeMap { get; } = new Dictionary<string, string>
    {
        ["num_hidden_layers"] = "num_layers",
        ["num_attention_heads"] = "num_heads",
        ["hidden_act"] = "activation_function",
        ["layer_norm_eps"] = "layer_norm_epsilon",
    };

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        new("embedding.weight", "transformer.wte.weight"),
        new("positions.weight", "transformer.wpe.weight"),
        .. WeightRow.Pair("layers.{n}.mixer_norm", "transformer.h.{n}.ln_1"),
        .. WeightRow.QueryKeyValue("transformer.h.{n}.attn.attention.*_proj"),
        .. WeightRow.Pair("layers.{n}.attention.output", "transformer.h.{n}.attn.attention.out_proj"),
        .. WeightRow.Pair("layers.{n}.feed_forward_norm", "transformer.h.{n}.ln_2"),
        .. WeightRow.Pair("layers.{n}.feed_forward.up", "transformer.h.{n}.mlp.c_fc"),
        .. WeightRow.Pair("layers.{n}.feed_forward.down", "transformer.h.{n}.mlp.c_proj"),
        .. WeightRow.Pair("final_norm", "transformer.ln_f"),
        new("head.weight", "lm_head.weight"),
    ];

    /// <inheritdoc/>
    protected override string ActivationWhenAbsent => "gelu_new";

    /// <inheritdoc/>
    public override DecoderSpec Spec(ConfigReader config)
    {
        DecoderSpec spec = base.Spec(config);
        return spec with { Positions = new PositionSpec(spec.ContextLength) };
    }

    /// <summary>Masks that older writers save beside the weights.</summary>
    public override bool IsBuffer(string name) =>
        name.EndsWith(".attn.attention.bias", StringComparison.Ordinal) || name.EndsWith(".attn.attention.masked_bias", StringComparison.Ordinal);

    /// <inheritdoc/>
    protected override IEnumerable<LayerSpec> Layers(ConfigReader config, int count)
    {
        LayerSpec layer = Layer(config);
        AttentionSpec attention = (AttentionSpec)layer.SequenceMixer;
        int window = config.Size("window_size", absent: 256, most: int.MaxValue);
        IReadOnlyList<string> kinds = config.Texts("attention_layers") ?? Unrolled(config, config.Text("attention_types", absent: $"[[[\"{Global}\", \"{Local}\"], {(count + 1) / 2}]]"));
        if (kinds.Count < count) throw new CaravanException($"'{config.Path}' says of {kinds.Count} layers what they see, but has {count}.");
        return kinds.Take(count).Select(kind => kind switch
        {
            Global => layer,
            Local => layer with { SequenceMixer = attention with { Window = window } },
            _ => throw config.Unsupported("attention_layers", kind, Global, Local),
        });
    }

    /// <inheritdoc/>
    protected override AttentionSpec Attention(ConfigReader config) => base.Attention(config) with { Scale = 1 };

    /// <inheritdoc/>
    protected override RotarySpec? Rotary(ConfigReader config, int headSize) => null;

    /// <summary>The kinds of layers, first to last, from a text such as <c>[[["global", "local"], 12]]</c>: each list as often as the number after it.</summary>
    private static string[] Unrolled(ConfigReader config, string types)
    {
        try
        {
            return
            [
                .. JsonDocument.Parse(types).RootElement.EnumerateArray().SelectMany(
                    type => Enumerable.Repeat(type[0].EnumerateArray().Select(kind => kind.GetString()!).ToArray(), Math.Min(type[1].GetInt32(), 100_000)).SelectMany(kinds => kinds)),
            ];
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or IndexOutOfRangeException or FormatException or ArgumentOutOfRangeException)
        {
            throw new CaravanException($"'{config.Path}' sets 'attention_types' to {types}; lists of kinds, each with a number, were expected.", exception);
        }
    }
}
