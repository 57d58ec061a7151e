using Caravan.Kernels;
using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>
/// A language model's decoder: token embedding, layers, norm, head. The same object generates (pages, no tape), trains (tape, no pages)
/// and is measured.
/// </summary>
internal sealed partial class Decoder : Network
{
    /// <summary>Keeps rows of zeros zero when they are divided by their length.</summary>
    private const float Smallest = 1e-30f;

    private readonly Stack stack;
    private readonly LinearWeights head;

    /// <summary>[D] 1/√D: a norm with these weights divides a row by its length. Null where rows of the head are not divided, or were when they were loaded.</summary>
    private readonly Tensor? lengthNorm;
    private readonly Projection? outward;

    /// <summary>The decoder of a specification.</summary>
    /// <param name="spec">How it computes.</param>
    /// <param name="weights">The checkpoint.</param>
    /// <param name="embedding">The token embedding of an encoder that it shares; null for one of its own.</param>
    internal Decoder(DecoderSpec spec, WeightReader weights, Tensor? embedding = null)
    {
        Spec = spec;
        stack = new Stack(spec, weights, embedding: embedding);
        int embeddingSize = spec.EmbeddingSize == 0 ? spec.HiddenSize : spec.EmbeddingSize;
        if (spec.EmbeddingSize != 0) outward = new Projection(weights, "embedding_out", embeddingSize, spec.HiddenSize, hasBias: false);
        if (spec.UnitHead && weights.Trainable) lengthNorm = weights.Constant(embeddingSize, 1 / MathF.Sqrt(embeddingSize));
        string headName = spec.TiedHead ? Stack.EmbeddingName : "head.weight";
        head = new LinearWeights(
            spec.UnitHead && !weights.Trainable ? weights.UnitRows(headName, spec.VocabularySize, embeddingSize)
            : spec.TiedHead ? stack.Embedding
            : weights.Matrix(headName, spec.VocabularySize, embeddingSize),
            spec.HeadBias ? weights.Vector("head.bias", spec.VocabularySize) : null);
        Weights = weights.Taken;
    }

    /// <inheritdoc/>
    public override string Kind => "decoder";

    /// <summary>How it computes.</summary>
    public DecoderSpec Spec { get; }

    /// <summary>Every weight by its canonical name, in order of use; tied weights once.</summary>
    public IReadOnlyList<Tensor> Weights { get; }

    /// <summary>The logits of the rows that the batch asks for.</summary>
    /// <param name="pass">The pass to compute in; with a tape for training.</param>
    /// <param name="batch">Tokens, at least one; every id inside the vocabulary.</param>
    /// <param name="pages">Where keys and values are kept; null when the batch's sequences are whole.</param>
    /// <param name="encoded">The rows of an encoder, [M, D], as <see cref="EncoderDecoder"/> gives them; null otherwise.</param>
    /// <param name="states">Where the states of recurrent layers are kept; null when the batch's sequences are whole, or the model has none.</param>
    /// <returns>
    /// [rows, V] F32 in the pass's workspace; null when no row wants logits. Where sequences have tokens of their own V is larger: these follow, and
    /// what is behind the last of a row's sequence says nothing.
    /// </returns>
    public Tensor? Forward(Pass pass, Batch batch, KeyValuePages? pages = null, Tensor? encoded = null, SequenceStates? states = null)
    {
        batch.FindPrefixes(Spec.Prefix);
        Tensor x = stack.Forward(pass, batch, pages, encoded, states);
        return batch.LogitRows.Length == 0 ? null : LogitsOf(pass, stack.Norm(pass, Wanted(pass, x, batch)), batch);
    }

    /// <summary>The normalised rows of whole sequences, [N, D]: what the head reads, and what stands for a text where vectors are wanted.</summary>
    internal Tensor Rows(Pass pass, Batch batch)
    {
        batch.FindPrefixes(Spec.Prefix);
        return stack.Norm(pass, stack.Forward(pass, batch));
    }

    /// <summary>The logits, [N, V], of rows of a batch as <see cref="Rows"/> gives them.</summary>
    internal Tensor LogitsOf(Pass pass, Tensor rows, Batch batch) => Logits(pass, outward?.Forward(pass, rows) ?? rows, batch);

    /// <summary>Keeps in pages what its layers need of an encoder's rows, [N, D]; the source has a page for each row.</summary>
    internal void KeepEncoded(Pass pass, Tensor rows, Batch source, KeyValuePages pages) => stack.KeepEncoded(pass, rows, source, pages);

    private static Tensor Wanted(Pass pass, Tensor x, Batch batch) =>
        batch.LogitRows.Length < batch.Count ? Embedding.Forward(pass, x, batch.LogitRows) : x;

    private Tensor Logits(Pass pass, Tensor x, Batch batch)
    {
        Tensor rows = lengthNorm is null ? head.Weight : RmsNorm.Forward(pass, head.Weight, lengthNorm, Smallest);
        Tensor logits = Linear.Forward(pass, x, rows, head.Bias);
        if (batch.OwnTokens > 0) logits = WithOwn(pass, x, rows, logits, batch);
        logits = Scale.Forward(pass, logits, Spec.LogitScale);
        if (Spec.LogitSoftCap == 0) return logits;
        Tensor bent = Activation.Forward(pass, ActivationFunction.Tanh, Scale.Forward(pass, logits, 1 / Spec.LogitSoftCap));
        return Scale.Forward(pass, bent, Spec.LogitSoftCap);
    }

    /// <summary>The logits with those of the tokens that each row's sequence has of its own: by the head's rows of their kinds, turned by their numbers.</summary>
    private Tensor WithOwn(Pass pass, Tensor x, Tensor rows, Tensor logits, Batch batch)
    {
        if (pass.Tape is not null) throw new InvalidOperationException("Logits of a sequence's own tokens keep nothing for a backward pass.");
        NativeSpan<int> kinds = pass.Workspace.Take<int>(batch.OwnTokens), numbers = pass.Workspace.Take<int>(batch.OwnTokens);
        int taken = 0, most = 0;
        foreach (SequenceParts? parts in batch.Parts)
        {
            for (int i = 0; i < parts?.OwnTokens; i++, taken++) (kinds[taken], numbers[taken]) = (parts.Own(i).Token, parts.Own(i).Number);
            most = Math.Max(most, parts?.OwnTokens ?? 0);
        }

        Tensor own = Linear.Forward(pass, x, stack.Numbered(pass, Embedding.Forward(pass, rows, kinds.AsSpan()), numbers.AsSpan()));
        long vocabulary = logits.Shape.Columns;
        Tensor all = pass.Workspace.RentZeroed(logits.Shape.WithColumns(vocabulary + most));
        int sequence = 0, before = 0;
        for (int row = 0; row < batch.LogitRows.Length; row++)
        {
            for (; batch.LogitRows[row] >= batch.Segments[sequence].QueryStart + batch.Segments[sequence].QueryCount; sequence++) before += batch.Parts[sequence]?.OwnTokens ?? 0;
            NativeSpan<float> into = all.Floats.Slice(row * (vocabulary + most), vocabulary + most);
            logits.Floats.Slice(row * vocabulary, vocabulary).CopyTo(into.Slice(0, vocabulary));
            int count = batch.Parts[sequence]?.OwnTokens ?? 0;
            own.Floats.Slice(((long)row * taken) + before, count).CopyTo(into.Slice(vocabulary, count));
        }

        return all;
    }
}
