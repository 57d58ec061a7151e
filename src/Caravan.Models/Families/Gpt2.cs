namespace Caravan.Models;

/// <summary>
/// GPT-2 and Cerebras-GPT: learned positions, layer norms before each half of a layer, GELU. Hugging Face keeps matrices as [inputs, outputs], and
/// queries, keys and values in one.
/// <code>
/// tokens → embedding + position → [ + attention(norm x) → + down(gelu(up))(norm x) ] × n → norm → head
/// </code>
/// </summary>
internal class Gpt2 : DecoderFamily
{
    /// <inheritdoc/>
    public override string Name => "gpt2";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["gpt2"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> GgufArchitectures => ["gpt2"];

    /// <inheritdoc/>
    public override string Paper => "Radford et al. 2019, \"Language Models are Unsupervised Multitask Learners\"";

    /// <inheritdoc/>
    public override string BasePrefix => "transformer.";

    /// <inheritdoc/>
    public override string HuggingFaceClass => "GPT2LMHeadModel";

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> AttributeMap => Keys;

    /// <summary>What GPT-2 and its kin call things in their configuration.</summary>
    internal static IReadOnlyDictionary<string, string> Keys { get; } = new Dictionary<string, string>
    {
        ["hidden_size"] = "n_embd",
        ["max_position_embeddings"] = "n_positions",
        ["num_hidden_layers"] = "n_layer",
        ["num_attention_heads"] = "n_head",
        ["intermediate_size"] = "n_inner",
        ["hidden_act"] = "activation_function",
        ["layer_norm_eps"] = "layer_norm_epsilon",
    };

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights { get; } = [.. Rows(LayerWeights)];

    /// <summary>The weights of GPT-2's own layers, whose matrices are turned.</summary>
    protected static IEnumerable<WeightRow> LayerWeights =>
        LayerRows((name, part) => FusedRows.Blocks(name, part) with { Transposed = name.EndsWith("weight", StringComparison.Ordinal) }, Turned);

    /// <summary>The weights by the names of GPT-2 and its kin.</summary>
    /// <param name="layers">Those of the layers.</param>
    internal static IEnumerable<WeightRow> Rows(IEnumerable<WeightRow> layers) =>
    [
        new("embedding.weight", "transformer.wte.weight", "token_embd.weight"),
        new("positions.weight", "transformer.wpe.weight", "position_embd.weight"),
        .. layers,
        .. WeightRow.Pair("final_norm", "transformer.ln_f", "output_norm"),
        new("head.weight", "lm_head.weight", "output.weight"),
    ];

    /// <summary>The weights of the layers, with matrices the usual way round unless said otherwise.</summary>
    /// <param name="fused">How queries, keys and values lie in one matrix.</param>
    /// <param name="matrix">The rows of another matrix and its bias, by the three names.</param>
    internal static IEnumerable<WeightRow> LayerRows(
        Func<string, AttentionPart, StoredWeight> fused, Func<string, string, string, IEnumerable<WeightRow>>? matrix = null)
    {
        matrix ??= (name, huggingFace, gguf) => WeightRow.Pair(name, huggingFace, gguf);
        return
        [
            .. WeightRow.Pair("layers.{n}.mixer_norm", "transformer.h.{n}.ln_1", "blk.{n}.attn_norm"),
            .. FusedRows.QueryKeyValue(fused, "transformer.h.{n}.attn.c_attn"),
            .. matrix("layers.{n}.attention.output", "transformer.h.{n}.attn.c_proj", "blk.{n}.attn_output"),
            .. WeightRow.Pair("layers.{n}.feed_forward_norm", "transformer.h.{n}.ln_2", "blk.{n}.ffn_norm"),
            .. matrix("layers.{n}.feed_forward.up", "transformer.h.{n}.mlp.c_fc", "blk.{n}.ffn_up"),
            .. matrix("layers.{n}.feed_forward.down", "transformer.h.{n}.mlp.c_proj", "blk.{n}.ffn_down"),
        ];
    }

    /// <inheritdoc/>
    protected override string ActivationWhenAbsent => "gelu_new";

    /// <inheritdoc/>
    protected override int ContextWhenAbsent => 1024;

    /// <inheritdoc/>
    public override DecoderSpec Spec(ConfigReader config)
    {
        DecoderSpec spec = base.Spec(config);
        return spec with { Positions = new PositionSpec(spec.ContextLength) };
    }

    /// <summary>Masks that older writers save beside the weights.</summary>
    public override bool IsBuffer(string name) => name.EndsWith(".attn.bias", StringComparison.Ordinal) || name.EndsWith(".attn.masked_bias", StringComparison.Ordinal);

    /// <inheritdoc/>
    protected override RotarySpec? Rotary(ConfigReader config, int headSize) => null;

    /// <summary>Scores can be divided by the number of the layer, from 1.</summary>
    protected override IEnumerable<LayerSpec> Layers(ConfigReader config, int count)
    {
        LayerSpec layer = Layer(config);
        AttentionSpec attention = (AttentionSpec)layer.SequenceMixer;
        float scale = config.Flag("scale_attn_weights", absent: true) ? attention.ScaleOfScores : 1;
        bool byLayer = config.Flag("scale_attn_by_inverse_layer_idx", absent: false);
        return Enumerable.Range(1, count).Select(number => layer with { SequenceMixer = attention with { Scale = byLayer ? scale / number : scale } });
    }

    /// <summary>A matrix that Hugging Face keeps turned, and its bias.</summary>
    private static IEnumerable<WeightRow> Turned(string name, string huggingFace, string gguf) =>
    [
        new($"{name}.weight", new StoredWeight($"{huggingFace}.weight") { Transposed = true }, $"{gguf}.weight"),
        new($"{name}.bias", $"{huggingFace}.bias", $"{gguf}.bias"),
    ];
}
