using Caravan.Kernels;
using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>Embedding, layers and norm: what decoders and encoders have in common.</summary>
internal sealed class Stack
{
    /// <summary>The canonical name of the token embedding.</summary>
    internal const string EmbeddingName = "embedding.weight";

    private readonly StackSpec spec;
    private readonly PositionBlock? positions;
    private readonly NumberingBlock? numbering;
    private readonly Tensor? tokenTypes;
    private readonly Projection? inward;
    private readonly RotaryTables rotary;
    private readonly BiasTables biases;
    private readonly AdapterTable adapters;
    private readonly bool takesVirtualTokens;
    private readonly StackLayer[] layers;
    private readonly NormBlock? embeddingNorm, finalNorm;

    /// <summary>The stack of a specification.</summary>
    /// <param name="spec">What it computes.</param>
    /// <param name="weights">The checkpoint.</param>
    /// <param name="prefix">What stands before the names of its weights, such as <c>encoder.</c>; empty for a decoder.</param>
    /// <param name="embedding">The token embedding of another stack that it shares; null for one of its own.</param>
    public Stack(StackSpec spec, WeightReader weights, string prefix = "", Tensor? embedding = null)
    {
        this.spec = spec;
        rotary = new RotaryTables(spec);
        weights.AdapterRows = new AdapterRows();
        int embeddingSize = spec.EmbeddingSize == 0 ? spec.HiddenSize : spec.EmbeddingSize;
        Embedding = embedding ?? weights.Matrix(prefix + EmbeddingName, spec.VocabularySize, embeddingSize);
        adapters = weights.Adapters;
        takesVirtualTokens = prefix.Length == 0;
        if (takesVirtualTokens) adapters.Describe(spec, Embedding);
        if (spec.Numbering is { } numbers) numbering = new NumberingBlock(numbers, embeddingSize);
        if (spec.Positions is { } places) positions = new PositionBlock(places, $"{prefix}positions", spec.HiddenSize, weights);
        if (spec.TokenTypes > 0) tokenTypes = weights.Matrix($"{prefix}token_types.weight", spec.TokenTypes, spec.HiddenSize);
        if (spec.EmbeddingSize != 0) inward = new Projection(weights, $"{prefix}embedding_in", spec.HiddenSize, embeddingSize, hasBias: false);
        if (spec.EmbeddingNorm is { } first) embeddingNorm = new NormBlock(first, $"{prefix}embedding_norm", spec.HiddenSize, weights);
        biases = new BiasTables(spec, weights, prefix);
        layers = [.. Enumerable.Range(0, spec.Layers.Length).Select(layer => new StackLayer(spec.Layers[layer], new LayerSite(layer, spec.HiddenSize, rotary, biases, weights, prefix)))];
        if (spec.FinalNorm is { } last) finalNorm = new NormBlock(last, $"{prefix}final_norm", spec.HiddenSize, weights);
    }

    /// <summary>The token embedding, [V, D].</summary>
    public Tensor Embedding { get; }

    /// <summary>Rows of the embedding, or of a matrix like it, turned by the numbers of their tokens.</summary>
    public Tensor Numbered(Pass pass, Tensor x, ReadOnlySpan<int> numbers) => numbering?.Forward(pass, x, numbers) ?? x;

    /// <summary>The rows that come out of the layers, before the norm.</summary>
    /// <param name="pass">The pass to compute in; with a tape for training.</param>
    /// <param name="batch">Tokens, at least one; every id inside the vocabulary.</param>
    /// <param name="pages">Where keys and values are kept; null when the batch's sequences are whole.</param>
    /// <param name="encoded">The rows of an encoder that the layers attend to, [M, D]; null where pages keep what was made of them, or there is none.</param>
    /// <param name="states">Where the states of recurrent layers are kept; null when the batch's sequences are whole, or the model has none.</param>
    /// <param name="count">How many of the layers; null for all. 0 gives the embedding.</param>
    /// <returns>[N, D] F32 in the pass's workspace.</returns>
    public Tensor Forward(Pass pass, Batch batch, KeyValuePages? pages = null, Tensor? encoded = null, SequenceStates? states = null, int? count = null)
    {
        if (pages is null && takesVirtualTokens && batch.LacksVirtualTokens(adapters.Attached))
        {
            Batch all = batch.WithVirtualTokens(adapters, out int[] own);
            return Tensors.Ops.Embedding.Forward(pass, Forward(pass, all, pages, encoded, states, count), own);
        }

        ForwardContext context = new(
            Copy(pass, batch.Segments), rotary.Fill(pass, batch), biases.Fill(pass, batch), pages, new PageMap(Copy(pass, batch.PageTable), Copy(pass, batch.RowPages), Copy(pass, batch.Positions)),
            Copy(pass, batch.Runs), states)
        {
            Encoded = encoded,
            EncodedSegments = Copy(pass, batch.EncodedSegments),
            Adapters = BatchAdapters.Of(pass, batch),
            Prompts = PromptsOf(pass, batch),
            Sparse = ShiftedSparseAttention.Of(pass, batch, adapters.Attached),
        };
        Tensor x = Embed(pass, batch, context.Prompts);
        for (int layer = 0; layer < (count ?? layers.Length); layer++) x = Run(layers[layer], pass, x, context);
        return x;
    }

    /// <summary>The norm after the last layer.</summary>
    public Tensor Norm(Pass pass, Tensor x) => finalNorm?.Forward(pass, x) ?? x;

    /// <summary>Keeps in pages what the layers need of an encoder's rows.</summary>
    /// <param name="pass">The pass to compute in; without a tape.</param>
    /// <param name="rows">[N, D] F32.</param>
    /// <param name="source">The batch that the encoder ran over, with a page for each row.</param>
    /// <param name="pages">The pages.</param>
    public void KeepEncoded(Pass pass, Tensor rows, Batch source, KeyValuePages pages)
    {
        PageMap map = new(default, Copy(pass, source.RowPages), Copy(pass, source.Positions));
        foreach (StackLayer layer in layers)
        {
            Workspace.Mark mark = pass.Workspace.Here();
            layer.KeepEncoded(pass, rows, pages, map);
            pass.Workspace.Release(mark);
        }
    }

    private Tensor Embed(Pass pass, Batch batch, PromptRows[] prompts)
    {
        Tensor x = Tensors.Ops.Embedding.Forward(pass, Embedding, batch.HasVirtualTokens ? WithoutVirtual(pass, batch.Tokens) : batch.Tokens);
        if (pass.Tape is not null) x = batch.Noise?.AddTo(pass, x, batch) ?? x;
        foreach (PromptRows prompt in prompts) x = prompt.PlaceIn(pass, x);
        x = Scale.Forward(pass, x, spec.EmbeddingScale);
        if (batch.HasParts) x = Numbered(pass, x, batch.Numbers);
        x = inward?.Forward(pass, x) ?? x;
        for (int i = 0; i < batch.Placed.Count; i++) x = Place(pass, x, batch.Placed[i]);
        if (tokenTypes is not null) x = Add.Forward(pass, x, Tensors.Ops.Embedding.Forward(pass, tokenTypes, TypesOf(pass, batch).AsSpan()));
        x = positions?.Forward(pass, x, batch.Positions) ?? x;
        return embeddingNorm?.Forward(pass, x) ?? x;
    }

    private PromptRows[] PromptsOf(Pass pass, Batch batch)
    {
        if (!batch.HasVirtualTokens) return [];
        List<PromptRows> prompts = [];
        for (int slot = 0; slot < adapters.Attached.Count; slot++)
            if (adapters.Attached[slot]?.VirtualTokens is { } tokens && tokens.RowsIn(pass, batch, slot) is { Places.Length: > 0 } rows) prompts.Add(rows);
        long placed = prompts.Sum(prompt => prompt.Places.Length);
        foreach (int token in batch.Tokens) if (VirtualTokens.Is(token)) placed--;
        return placed == 0 ? [.. prompts] : throw new CaravanException("A batch holds tokens below 0 that stand for none of its adapters' virtual tokens.");
    }

    /// <summary>Tokens with any other in the place of virtual ones.</summary>
    private static ReadOnlySpan<int> WithoutVirtual(Pass pass, ReadOnlySpan<int> tokens)
    {
        Span<int> known = pass.Workspace.Take<int>(tokens.Length).AsSpan();
        for (int i = 0; i < tokens.Length; i++) known[i] = Math.Max(0, tokens[i]);
        return known;
    }

    private static Tensor Place(Pass pass, Tensor x, PlacedFeatures placed)
    {
        NativeSpan<int> taken = pass.Workspace.Take<int>(placed.Count), places = pass.Workspace.Take<int>(placed.Count);
        for (int i = 0; i < placed.Count; i++) (taken[i], places[i]) = (placed.First + i, placed.Row + i);
        return PlaceRows.Forward(pass, x, Tensors.Ops.Embedding.Forward(pass, placed.Features, taken.AsSpan()), places);
    }

    private static NativeSpan<int> TypesOf(Pass pass, Batch batch)
    {
        NativeSpan<int> types = pass.Workspace.Take<int>(batch.Count);
        types.Clear();
        batch.TokenTypes.CopyTo(types.AsSpan());
        return types;
    }

    /// <summary>Without a tape the layer's result takes the place of its input, and everything else it used is free again.</summary>
    private static Tensor Run(StackLayer layer, Pass pass, Tensor x, in ForwardContext context)
    {
        if (pass is { Tape: not null, RecomputesLayers: true }) return Recomputation.Forward(pass, x, new RecomputedLayer(layer, context), x.Shape);
        if (pass.Tape is not null) return layer.Forward(pass, x, context);
        Workspace.Mark mark = pass.Workspace.Here();
        layer.Forward(pass, x, context).Bytes.CopyTo(x.Bytes);
        pass.Workspace.Release(mark);
        return x;
    }

    private readonly record struct RecomputedLayer(StackLayer Layer, ForwardContext Context) : IRecomputed
    {
        public Tensor Forward(Pass pass, Tensor rows, long first) => Layer.Forward(pass, rows, Context);
    }

    private static NativeSpan<T> Copy<T>(Pass pass, ReadOnlySpan<T> items)
        where T : unmanaged
    {
        NativeSpan<T> copy = pass.Workspace.Take<T>(items.Length);
        items.CopyTo(copy.AsSpan());
        return copy;
    }
}
