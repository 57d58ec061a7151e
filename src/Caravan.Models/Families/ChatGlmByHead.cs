namespace Caravan.Models;

/// <summary>ChatGLM's code without shared keys: queries, keys and values lie head by head. No published checkpoint is like that.</summary>
internal sealed class ChatGlmByHead : ChatGlm
{
    /// <inheritdoc/>
    public override string Name => "chatglm-by-head";

    /// <inheritdoc/>
    public override IReadOnlyList<string> KeysWithoutInfluence => [.. base.KeysWithoutInfluence, "multi_query_group_num"];

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights =>
    [
        .. base.Weights.Where(row => row.Name.Split('.') is not ["layers", "{n}", "attention", "query" or "key" or "value", ..]),
        .. FusedRows.QueryKeyValue(FusedRows.Groups, "transformer.encoder.layers.{n}.self_attention.query_key_value"),
    ];

    /// <inheritdoc/>
    public override bool Recognises(IConfigSource config) =>
        !config.IsGguf && config.Find(ChatGlm1.WidthKey) is null && config.Find(SharedKeysKey) is not true;

    /// <inheritdoc/>
    protected override int KeyValueHeads(ConfigReader config, int heads) => config.IsGguf ? base.KeyValueHeads(config, heads) : heads;

    /// <inheritdoc/>
    public override void Describe(DecoderSpec spec, ConfigWriter config)
    {
        base.Describe(spec, config);
        if (!config.IsGguf) config.Set(SharedKeysKey, false);
    }
}
