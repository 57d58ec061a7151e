namespace Caravan.Models;

/// <summary>
/// CodeShell: layer norms before each half of a layer, rotary positions, grouped keys, queries, keys and values in one matrix, one after the other.
/// <code>
/// tokens → embedding → [ + attention(norm x) → + down(gelu(up))(norm x) ] × n → norm → head
/// </code>
/// </summary>
internal sealed class CodeShell : DecoderFamily
{
    private const string PositionsKey = "position_embedding_type", Rope = "rope", GroupedKey = "group_query_attention";

    /// <inheritdoc/>
    public override string Name => "codeshell";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["codeshell"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> GgufArchitectures => ["codeshell"];

    /// <inheritdoc/>
    public override string Paper => "Xie et al. 2024, \"CodeShell Technical Report\"";

    /// <inheritdoc/>
    public override string BasePrefix => "transformer.";

    /// <inheritdoc/>
    public override string HuggingFaceClass => "CodeShellForCausalLM";

    /// <inheritdoc/>
    public override IReadOnlyList<string> KeysWithoutInfluence => ["attention_softmax_in_fp32", "scale_attention_softmax_in_fp32", "scale_attn_weights"];

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> AttributeMap { get; } = new Dictionary<string, string>(Gpt2.Keys) { ["num_key_value_heads"] = "num_query_groups" };

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights { get; } = [.. Gpt2.Rows(Gpt2.LayerRows(FusedRows.Blocks))];

    /// <inheritdoc/>
    protected override string ActivationWhenAbsent => "gelu_pytorch_tanh";

    /// <inheritdoc/>
    protected override int ContextWhenAbsent => 8192;

    /// <inheritdoc/>
    protected override AttentionSpec Attention(ConfigReader config) => config.Text(PositionsKey, absent: Rope) is not Rope and string kind
        ? throw config.Unsupported(PositionsKey, kind, Rope)
        : base.Attention(config);

    /// <inheritdoc/>
    protected override int KeyValueHeads(ConfigReader config, int heads) =>
        config.Flag(GroupedKey, absent: true) ? base.KeyValueHeads(config, heads) : heads;

    /// <inheritdoc/>
    protected override void Describe(AttentionSpec attention, ConfigWriter config)
    {
        base.Describe(attention, config);
        if (config.IsGguf) return;
        config.Set(GroupedKey, true);
        config.Set(PositionsKey, Rope);
    }
}
