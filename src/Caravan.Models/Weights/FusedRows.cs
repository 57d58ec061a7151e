namespace Caravan.Models;

/// <summary>The ways in which checkpoints keep several matrices in one.</summary>
internal static class FusedRows
{
    /// <summary>Queries, keys and values one after the other: [Q | K | V].</summary>
    public static StoredWeight Blocks(string name, AttentionPart part) => new(name)
    {
        Rows = (layer, _) =>
        {
            (long query, long key) = Widths(layer);
            return new RowRuns(part switch { AttentionPart.Query => 0, AttentionPart.Key => query, _ => query + key }, part == AttentionPart.Query ? query : key, query + (2 * key));
        },
    };

    /// <summary>For each key head the queries that share it, its key, its value; with as many keys as queries: [q k v] head by head.</summary>
    public static StoredWeight Groups(string name, AttentionPart part) => new(name)
    {
        Rows = (layer, _) =>
        {
            AttentionSpec attention = Attention(layer);
            long head = attention.HeadSize, queries = attention.QueriesPerKey * head;
            return new RowRuns(
                part switch { AttentionPart.Query => 0, AttentionPart.Key => queries, _ => queries + head }, part == AttentionPart.Query ? queries : head,
                queries + (2 * head), attention.KeyValueHeads);
        },
    };

    /// <summary>Three tensors, whose names have the part instead of <c>qkv</c>.</summary>
    public static StoredWeight Apart(string name, AttentionPart part) =>
        name.Replace("qkv", part switch { AttentionPart.Query => "q", AttentionPart.Key => "k", _ => "v" }, StringComparison.Ordinal);

    /// <summary>Keys and values head by head: [k v] for each.</summary>
    public static StoredWeight KeyValue(string name, AttentionPart part) => new(name)
    {
        Rows = (layer, _) =>
        {
            AttentionSpec attention = Attention(layer);
            return new RowRuns(part == AttentionPart.Key ? 0 : attention.HeadSize, attention.HeadSize, 2L * attention.HeadSize, attention.KeyValueHeads);
        },
    };

    /// <summary>The rows of the queries, keys and values of one tensor, weight and bias, under GGUF's name for it and a family's.</summary>
    /// <param name="huggingFace">How the family keeps them, given a name.</param>
    /// <param name="name">The family's name without <c>.weight</c>.</param>
    /// <param name="gguf">How GGUF keeps them; null for one after the other.</param>
    public static IEnumerable<WeightRow> QueryKeyValue(
        Func<string, AttentionPart, StoredWeight> huggingFace, string name, Func<string, AttentionPart, StoredWeight>? gguf = null)
    {
        foreach (AttentionPart part in (AttentionPart[])[AttentionPart.Query, AttentionPart.Key, AttentionPart.Value])
        {
            string role = part == AttentionPart.Query ? "query" : part == AttentionPart.Key ? "key" : "value";
            foreach (string kind in (string[])["weight", "bias"])
            {
                yield return new WeightRow(
                    $"layers.{{n}}.attention.{role}.{kind}", huggingFace($"{name}.{kind}", part), (gguf ?? Blocks)($"blk.{{n}}.attn_qkv.{kind}", part), Rotary: part != AttentionPart.Value);
            }
        }
    }

    /// <summary>Two matrices of equal height, one above the other.</summary>
    /// <param name="name">On disk.</param>
    /// <param name="half">0 for the upper, 1 for the lower.</param>
    /// <param name="rows">Height of each.</param>
    public static StoredWeight Half(string name, int half, Func<LayerSpec, long> rows) => new(name)
    {
        Rows = (layer, _) => new RowRuns(half * rows(layer), rows(layer), 2 * rows(layer)),
    };

    /// <summary>Gate (0) above up (1).</summary>
    public static StoredWeight GateUp(string name, int half) => Half(name, half, layer => layer.ChannelMixer.IntermediateWidth);

    private static (long Query, long Key) Widths(LayerSpec layer)
    {
        AttentionSpec attention = Attention(layer);
        return (attention.Heads * (long)attention.HeadSize, attention.KeyValueWidth);
    }

    private static AttentionSpec Attention(LayerSpec layer) => (AttentionSpec)layer.SequenceMixer;
}
