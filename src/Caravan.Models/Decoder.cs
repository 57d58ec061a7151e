using Caravan.Kernels;
using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>
/// A decoder-only language model: token embedding, layers, norm, head. The same object generates (pages, no tape), trains (tape, no pages)
/// and is measured.
/// </summary>
internal sealed class Decoder
{
    /// <summary>The canonical name of the token embedding.</summary>
    internal const string EmbeddingName = "embedding.weight";

    private readonly Tensor embedding, head;
    private readonly RotaryTables rotary;
    private readonly DecoderLayer[] layers;
    private readonly NormBlock finalNorm;

    internal Decoder(DecoderSpec spec, WeightReader weights)
    {
        Spec = spec;
        rotary = new RotaryTables(spec);
        embedding = weights.Matrix(EmbeddingName, spec.VocabularySize, spec.HiddenSize);
        layers = [.. Enumerable.Range(0, spec.Layers.Length).Select(layer => new DecoderLayer(spec.Layers[layer], new LayerSite(layer, spec.HiddenSize, rotary, weights)))];
        finalNorm = new NormBlock(spec.FinalNorm, "final_norm", spec.HiddenSize, weights);
        head = spec.TiedHead ? embedding : weights.Matrix("head.weight", spec.VocabularySize, spec.HiddenSize);
        Weights = weights.Taken;
    }

    /// <summary>How it computes.</summary>
    public DecoderSpec Spec { get; }

    /// <summary>Every weight by its canonical name, in order of use; tied weights once.</summary>
    public IReadOnlyList<Tensor> Weights { get; }

    /// <summary>The logits of the rows that the batch asks for.</summary>
    /// <param name="pass">The pass to compute in; with a tape for training.</param>
    /// <param name="batch">Tokens, at least one; every id inside the vocabulary.</param>
    /// <param name="pages">Where keys and values are kept; null when the batch's sequences are whole.</param>
    /// <returns>[rows, V] F32 in the pass's workspace; null when no row wants logits.</returns>
    public Tensor? Forward(Pass pass, Batch batch, KeyValuePages? pages = null)
    {
        rotary.Fill(pass, batch);
        ForwardContext context = new(
            Copy(pass, batch.Segments), rotary, pages, new PageMap(Copy(pass, batch.PageTable), Copy(pass, batch.RowPages), Copy(pass, batch.Positions)));
        Tensor x = Embedding.Forward(pass, embedding, batch.Tokens);
        foreach (DecoderLayer layer in layers) x = Run(layer, pass, x, context);
        if (batch.LogitRows.Length == 0) return null;
        if (batch.LogitRows.Length < batch.Count) x = Embedding.Forward(pass, x, batch.LogitRows);
        return Linear.Forward(pass, finalNorm.Forward(pass, x), head);
    }

    /// <summary>Without a tape the layer's result takes the place of its input, and everything else it used is free again.</summary>
    private static Tensor Run(DecoderLayer layer, Pass pass, Tensor x, in ForwardContext context)
    {
        if (pass.Tape is not null) return layer.Forward(pass, x, context);
        Workspace.Mark mark = pass.Workspace.Here();
        layer.Forward(pass, x, context).Bytes.CopyTo(x.Bytes);
        pass.Workspace.Release(mark);
        return x;
    }

    private static NativeSpan<T> Copy<T>(Pass pass, ReadOnlySpan<T> items)
        where T : unmanaged
    {
        NativeSpan<T> copy = pass.Workspace.Take<T>(items.Length);
        items.CopyTo(copy.AsSpan());
        return copy;
    }
}
