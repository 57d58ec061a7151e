namespace Caravan.Models;

/// <summary>
/// The names of one weight: Caravan's own, the same in every family, and those of the two vocabularies on disk. <c>{n}</c> stands for the number
/// of the layer and <c>{e}</c> for that of the expert; a name on disk without the latter is that of a stack, one matrix an expert.
/// </summary>
/// <param name="Name">Canonical name, such as <c>layers.{n}.attention.query.weight</c>.</param>
/// <param name="HuggingFace">Such as <c>model.layers.{n}.self_attn.q_proj.weight</c>.</param>
/// <param name="Gguf">Such as <c>blk.{n}.attn_q.weight</c>.</param>
/// <param name="Rotary">Whether its rows are features of heads that a rotary embedding pairs: their order differs where the layouts differ.</param>
/// <param name="OlderGguf">What GGUF called it before; read and not written. Null for nothing else.</param>
internal sealed record WeightRow(string Name, StoredWeight HuggingFace, StoredWeight Gguf, bool Rotary = false, StoredWeight? OlderGguf = null)
{
    /// <summary>The rows of a weight and its bias, whose names end alike in all three vocabularies.</summary>
    public static IEnumerable<WeightRow> Pair(string name, string huggingFace, string gguf) =>
        ((string[])["weight", "bias"]).Select(kind => new WeightRow($"{name}.{kind}", $"{huggingFace}.{kind}", $"{gguf}.{kind}"));
}
