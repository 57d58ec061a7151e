using System.Collections.Immutable;

namespace Caravan.Formats;

/// <summary>The order in which <c>export.py</c> of llama2.c writes the tensors: nothing else says which is which.</summary>
internal static class Llama2cLayout
{
    /// <summary>The tensors of a checkpoint in file order: every layer's weight of one kind, then the next kind.</summary>
    public static IEnumerable<Llama2cTensor> Tensors(Llama2cHeader header)
    {
        bool grouped = header.Version == 2;
        ImmutableArray<long> embedding = [header.Vocabulary, header.Dimension];
        Llama2cTensor tokens = new("token_embd.weight", embedding, grouped);
        Llama2cTensor final = new("output_norm.weight", [header.Dimension], false);
        IEnumerable<Llama2cTensor> attentionNorms = PerLayer(header, "attn_norm", header.Dimension);
        IEnumerable<Llama2cTensor> feedForwardNorms = PerLayer(header, "ffn_norm", header.Dimension);
        IEnumerable<Llama2cTensor> order = header.Version == 0
            ? [tokens, .. attentionNorms, .. Attention(header), .. feedForwardNorms, .. FeedForward(header), final, .. RotaryTables(header)]
            : [.. attentionNorms, .. feedForwardNorms, final, tokens, .. Attention(header), .. FeedForward(header)];
        return header.SharedClassifier ? order : order.Append(new Llama2cTensor("output.weight", embedding, grouped));
    }

    /// <summary>Bytes of the whole file; the header's limits keep it below 2^60.</summary>
    public static long FileBytes(Llama2cHeader header) => header.Bytes + Tensors(header).Sum(tensor => tensor.Bytes(header.GroupSize));

    private static IEnumerable<Llama2cTensor> Attention(Llama2cHeader header) =>
    [
        .. PerLayer(header, "attn_q", header.Dimension, header.Dimension),
        .. PerLayer(header, "attn_k", header.KeyValueDimension, header.Dimension),
        .. PerLayer(header, "attn_v", header.KeyValueDimension, header.Dimension),
        .. PerLayer(header, "attn_output", header.Dimension, header.Dimension),
    ];

    private static IEnumerable<Llama2cTensor> FeedForward(Llama2cHeader header) =>
    [
        .. PerLayer(header, "ffn_gate", header.HiddenDimension, header.Dimension),
        .. PerLayer(header, "ffn_down", header.Dimension, header.HiddenDimension),
        .. PerLayer(header, "ffn_up", header.HiddenDimension, header.Dimension),
    ];

    /// <summary>Cosines and sines of every position, which the runtime computes itself.</summary>
    private static IEnumerable<Llama2cTensor> RotaryTables(Llama2cHeader header)
    {
        Llama2cTensor table = new(null, [header.Context, header.HeadDimension / 2], false);
        return [table, table];
    }

    private static IEnumerable<Llama2cTensor> PerLayer(Llama2cHeader header, string name, params ImmutableArray<long> shape) =>
        Enumerable.Range(0, header.Layers)
            .Select(layer => new Llama2cTensor($"blk.{layer}.{name}.weight", shape, shape.Length > 1 && header.Version == 2));
}
