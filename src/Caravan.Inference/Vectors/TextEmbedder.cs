using Caravan.Models;
using Caravan.Tensors;

namespace Caravan.Inference;

/// <summary>
/// Turns texts into vectors with any model that has rows for tokens: an encoder's last rows, or what a decoder's head reads. A model that also
/// generates computes them on its engine's thread, between two steps; another has threads of its own.
/// </summary>
internal sealed class TextEmbedder : IDisposable
{
    private readonly Model model;
    private readonly EngineLoop? loop;
    private readonly Device? device;
    private readonly Pass? pass;
    private readonly SemaphoreSlim turn = new(1);
    private readonly int batchTokens, limit;

    /// <summary>An embedder beside an engine; both stay the caller's.</summary>
    public TextEmbedder(EngineLoop loop)
        : this(loop.Engine.Model, new EngineOptions()) => (this.loop, limit) = (loop, loop.Engine.ContextLength);

    /// <summary>An embedder for a model that generates nothing; the model stays the caller's.</summary>
    /// <param name="model">An encoder, or one of texts and images.</param>
    /// <param name="options">Threads, instruction set, precision and tokens of a pass count.</param>
    public static TextEmbedder Of(Model model, EngineOptions options) => new(model, options, new Device(options.Threads, options.InstructionSet, options.Precision));

    private TextEmbedder(Model model, EngineOptions options, Device? device = null)
    {
        this.model = model;
        this.device = device;
        if (device is not null) pass = new Pass(device);
        batchTokens = options.BatchTokens;
        limit = Math.Min(model.Spec.ContextLength, model.Spec.LongestSequence);
    }

    /// <summary>Most tokens of a text.</summary>
    public int ContextLength => limit;

    /// <summary>The vectors of texts, [D] each, in their order.</summary>
    /// <param name="texts">Tokens, at least one a text.</param>
    /// <param name="pooling">Which row stands for a text. A model of texts and images has its own way, and takes it.</param>
    /// <param name="cancellation">Stops between two passes.</param>
    /// <exception cref="PromptTooLongException">A text has more tokens than the model reads.</exception>
    /// <exception cref="CaravanException">A text is empty or holds unknown tokens.</exception>
    public async Task<float[][]> EmbedAsync(IReadOnlyList<int[]> texts, Pooling pooling, CancellationToken cancellation = default)
    {
        foreach (int[] text in texts) Require(text);
        float[][] vectors = new float[texts.Count][];
        for (int start = 0; start < texts.Count;)
        {
            cancellation.ThrowIfCancellationRequested();
            int end = start + 1;
            for (int tokens = texts[start].Length; end < texts.Count && tokens + texts[end].Length <= batchTokens; end++) tokens += texts[end].Length;
            int[][] together = [.. texts.Skip(start).Take(end - start)];
            float[][] found = await RunAsync(work => Embed(work, together, pooling), cancellation).ConfigureAwait(false);
            found.CopyTo(vectors, start);
            start = end;
        }

        return vectors;
    }

    /// <summary>Stops its own threads.</summary>
    public void Dispose()
    {
        pass?.Dispose();
        device?.Dispose();
        turn.Dispose();
    }

    private async Task<float[][]> RunAsync(Func<Pass, float[][]> compute, CancellationToken cancellation)
    {
        if (loop is not null) return await loop.Between(compute).WaitAsync(cancellation).ConfigureAwait(false);
        await turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            return await Task.Run(() => compute(pass!), CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            pass!.Reset();
            turn.Release();
        }
    }

    private float[][] Embed(Pass work, int[][] texts, Pooling pooling)
    {
        Batch batch = new();
        foreach (int[] text in texts) batch.AddSequence(text, LogitRows.None);
        Tensor vectors = model.Network switch
        {
            Clip clip => clip.TextVectors(work, batch),
            Encoder or EncoderDecoder => model.Encoder.Pool(work, model.Encoder.Forward(work, batch), batch, pooling),
            _ => PooledRows.Of(work, model.Decoder.Rows(work, batch), batch, pooling),
        };
        int size = (int)vectors.Shape.Columns;
        return [.. Enumerable.Range(0, texts.Length).Select(i => vectors.Floats.AsSpan((long)i * size, size).ToArray())];
    }

    private void Require(int[] text)
    {
        if (text.Length == 0) throw new CaravanException("A text to embed is empty; give some text.");
        if (text.Length > limit) throw new PromptTooLongException($"A text to embed has {text.Length} tokens, but the model reads {limit}; shorten it.");
        int vocabulary = model.Spec.VocabularySize;
        foreach (int token in text)
            if ((uint)token >= (uint)vocabulary) throw new CaravanException($"A text to embed holds the token {token}; the model knows 0 to {vocabulary - 1}.");
    }
}
