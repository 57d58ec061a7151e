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

    /// <summary>Keeps rows of zeros zero when they are divided by their length.</summary>
    private const float Smallest = 1e-30f;

    private readonly Tensor embedding;
    private readonly PositionBlock? positions;
    private readonly LinearWeights head;

    /// <summary>[D] 1/√D: a norm with these weights divides a row by its length. Null where rows of the head are not divided, or were when they were loaded.</summary>
    private readonly Tensor? lengthNorm;
    private readonly Projection? inward, outward;
    private readonly RotaryTables rotary;
    private readonly BiasTables biases;
    private readonly DecoderLayer[] layers;
    private readonly NormBlock? embeddingNorm, finalNorm;

    internal Decoder(DecoderSpec spec, WeightReader weights)
    {
        Spec = spec;
        weights.Describe(spec);
        rotary = new RotaryTables(spec);
        biases = new BiasTables(spec);
        int embeddingSize = spec.EmbeddingSize == 0 ? spec.HiddenSize : spec.EmbeddingSize;
        embedding = weights.Matrix(EmbeddingName, spec.VocabularySize, embeddingSize);
        if (spec.Positions is { } places) positions = new PositionBlock(places, spec.HiddenSize, weights);
        if (spec.EmbeddingSize != 0) inward = new Projection(weights, "embedding_in", spec.HiddenSize, embeddingSize, hasBias: false);
        if (spec.EmbeddingNorm is { } first) embeddingNorm = new NormBlock(first, "embedding_norm", spec.HiddenSize, weights);
        layers = [.. Enumerable.Range(0, spec.Layers.Length).Select(layer => new DecoderLayer(spec.Layers[layer], new LayerSite(layer, spec.HiddenSize, rotary, biases, weights)))];
        if (spec.FinalNorm is { } last) finalNorm = new NormBlock(last, "final_norm", spec.HiddenSize, weights);
        if (spec.EmbeddingSize != 0) outward = new Projection(weights, "embedding_out", embeddingSize, spec.HiddenSize, hasBias: false);
        if (spec.UnitHead && weights.Trainable) lengthNorm = weights.Constant(embeddingSize, 1 / MathF.Sqrt(embeddingSize));
        string headName = spec.TiedHead ? EmbeddingName : "head.weight";
        head = new LinearWeights(
            spec.UnitHead && !weights.Trainable ? weights.UnitRows(headName, spec.VocabularySize, embeddingSize)
            : spec.TiedHead ? embedding
            : weights.Matrix(headName, spec.VocabularySize, embeddingSize),
            spec.HeadBias ? weights.Vector("head.bias", spec.VocabularySize) : null);
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
        batch.FindPrefixes(Spec.Prefix);
        rotary.Fill(pass, batch);
        biases.Fill(pass, batch);
        ForwardContext context = new(
            Copy(pass, batch.Segments), rotary, biases, pages, new PageMap(Copy(pass, batch.PageTable), Copy(pass, batch.RowPages), Copy(pass, batch.Positions)));
        Tensor x = Embed(pass, batch);
        foreach (DecoderLayer layer in layers) x = Run(layer, pass, x, context);
        if (batch.LogitRows.Length == 0) return null;
        if (batch.LogitRows.Length < batch.Count) x = Embedding.Forward(pass, x, batch.LogitRows);
        x = finalNorm?.Forward(pass, x) ?? x;
        return Logits(pass, outward?.Forward(pass, x) ?? x);
    }

    private Tensor Embed(Pass pass, Batch batch)
    {
        Tensor x = Scale.Forward(pass, Embedding.Forward(pass, embedding, batch.Tokens), Spec.EmbeddingScale);
        x = inward?.Forward(pass, x) ?? x;
        x = positions?.Forward(pass, x, batch.Positions) ?? x;
        return embeddingNorm?.Forward(pass, x) ?? x;
    }

    private Tensor Logits(Pass pass, Tensor x)
    {
        Tensor rows = lengthNorm is null ? head.Weight : RmsNorm.Forward(pass, head.Weight, lengthNorm, Smallest);
        Tensor logits = Scale.Forward(pass, Linear.Forward(pass, x, rows, head.Bias), Spec.LogitScale);
        if (Spec.LogitSoftCap == 0) return logits;
        Tensor bent = Activation.Forward(pass, ActivationFunction.Tanh, Scale.Forward(pass, logits, 1 / Spec.LogitSoftCap));
        return Scale.Forward(pass, bent, Spec.LogitSoftCap);
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
