namespace Caravan.Models;

/// <summary>
/// CodeGen, and MOSS, which was trained from it: GPT-J whose queries, values and keys, in that order, lie in one matrix, in four parts that
/// each hold a quarter of the heads.
/// </summary>
internal sealed class CodeGen : GptJ
{
    /// <summary>Devices that the first of these models was trained on side by side.</summary>
    private const int Parts = 4;

    private const string WeightBitsKey = "wbits";

    /// <inheritdoc/>
    public override string Name => "codegen";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["codegen", "moss"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> GgufArchitectures => [];

    /// <inheritdoc/>
    public override string Paper => "Nijkamp et al. 2022, \"CodeGen: An Open Large Language Model for Code with Multi-Turn Program Synthesis\"";

    /// <inheritdoc/>
    public override string HuggingFaceClass => "CodeGenForCausalLM";

    /// <inheritdoc/>
    public override IReadOnlyList<string> KeysWithoutInfluence => ["n_ctx", "groupsize"];

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights { get; } = [.. SharedWeights, .. FusedRows.QueryKeyValue(InParts, "transformer.h.{n}.attn.qkv_proj")];

    /// <inheritdoc/>
    protected override AttentionSpec Attention(ConfigReader config)
    {
        if (config.Integer(WeightBitsKey, absent: 32) is not 32 and int bits) throw config.Unsupported(WeightBitsKey, $"{bits}", "32");
        AttentionSpec attention = base.Attention(config);
        return attention.Heads % Parts == 0
            ? attention
            : throw new CaravanException($"'{config.Path}' has {attention.Heads} heads, which cannot lie in {Parts} equal parts of one matrix.");
    }

    private static StoredWeight InParts(string name, AttentionPart part) => new(name)
    {
        Rows = (layer, _) =>
        {
            long rows = layer.SequenceMixer.KeyValueWidth / Parts;
            return new RowRuns(part switch { AttentionPart.Query => 0, AttentionPart.Value => rows, _ => 2 * rows }, rows, 3 * rows, Parts);
        },
    };
}
