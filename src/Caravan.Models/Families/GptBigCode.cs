namespace Caravan.Models;

/// <summary>
/// GPTBigCode (SantaCoder, StarCoder): GPT-2 whose query heads share one head of keys and values, with matrices the usual way round.
/// <code>
/// tokens → embedding + position → [ + attention(norm x) → + down(gelu(up))(norm x) ] × n → norm → head
/// </code>
/// </summary>
internal sealed class GptBigCode : Gpt2
{
    private const string MultiQueryKey = "multi_query";

    /// <inheritdoc/>
    public override string Name => "gpt_bigcode";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["gpt_bigcode"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> GgufArchitectures => ["starcoder"];

    /// <inheritdoc/>
    public override string Paper => "Li et al. 2023, \"StarCoder: may the source be with you!\"";

    /// <inheritdoc/>
    public override string HuggingFaceClass => "GPTBigCodeForCausalLM";

    /// <inheritdoc/>
    public override IReadOnlyList<string> KeysWithoutInfluence =>
    [
        "attention_softmax_in_fp32", "scale_attention_softmax_in_fp32", "inference_runner", "validate_runner_input", "pre_allocate_kv_cache",
        "max_sequence_length", "max_batch_size", "pad_key_length", "num_key_value_heads",
    ];

    /// <summary>With as many heads of keys as of queries they lie head by head in Hugging Face's files.</summary>
    public override IReadOnlyList<WeightRow> Weights { get; } = [.. Rows(LayerRows(FusedRows.Groups))];

    /// <inheritdoc/>
    protected override string ActivationWhenAbsent => "gelu_pytorch_tanh";

    /// <inheritdoc/>
    protected override int KeyValueHeads(ConfigReader config, int heads) =>
        config.IsGguf ? base.KeyValueHeads(config, heads) : config.Flag(MultiQueryKey, absent: true) ? 1 : heads;

    /// <inheritdoc/>
    protected override void Describe(AttentionSpec attention, ConfigWriter config)
    {
        base.Describe(attention, config);
        if (!config.IsGguf) config.Set(MultiQueryKey, attention.KeyValueHeads == 1);
    }
}
