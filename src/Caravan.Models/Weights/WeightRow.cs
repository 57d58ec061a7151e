namespace Caravan.Models;

/// <summary>
/// The names of one weight: Caravan's own, the same in every family, and those of the two vocabularies on disk. <c>{n}</c> stands for the number
/// of the layer and <c>{e}</c> for that of the expert; a name on disk without the latter is that of a stack, one matrix an expert.
/// </summary>
/// <param name="Name">Canonical name, such as <c>layers.{n}.attention.query.weight</c>.</param>
/// <param name="HuggingFace">Such as <c>model.layers.{n}.self_attn.q_proj.weight</c>.</param>
/// <param name="Gguf">Such as <c>blk.{n}.attn_q.weight</c>; null for weights that GGUF has no name for.</param>
/// <param name="Rotary">Whether its rows are features of heads that a rotary embedding pairs: their order differs where the layouts differ.</param>
/// <param name="OlderGguf">What GGUF called it before; read and not written. Null for nothing else.</param>
internal sealed record WeightRow(string Name, StoredWeight HuggingFace, StoredWeight? Gguf = null, bool Rotary = false, StoredWeight? OlderGguf = null)
{
    /// <summary>The rows of a weight and its bias, whose names end alike in all three vocabularies.</summary>
    /// <param name="name">Canonical name.</param>
    /// <param name="huggingFace">The family's.</param>
    /// <param name="gguf">GGUF's; null for none.</param>
    /// <param name="rotary">Whether a rotary embedding pairs its rows.</param>
    public static IEnumerable<WeightRow> Pair(string name, string huggingFace, string? gguf = null, bool rotary = false) =>
        ((string[])["weight", "bias"]).Select(
            kind => new WeightRow($"{name}.{kind}", $"{huggingFace}.{kind}", gguf is null ? null : new StoredWeight($"{gguf}.{kind}"), rotary));

    /// <summary>The rows of queries, keys and values that have a matrix each, and of their biases.</summary>
    /// <param name="huggingFace">The family's names with <c>*</c> for q, k and v.</param>
    public static IEnumerable<WeightRow> QueryKeyValue(string huggingFace) =>
    [
        .. Pair("layers.{n}.attention.query", huggingFace.Replace('*', 'q'), "blk.{n}.attn_q", rotary: true),
        .. Pair("layers.{n}.attention.key", huggingFace.Replace('*', 'k'), "blk.{n}.attn_k", rotary: true),
        .. Pair("layers.{n}.attention.value", huggingFace.Replace('*', 'v'), "blk.{n}.attn_v"),
    ];
}
