using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Caravan.Inference;

namespace Caravan.Server;

/// <summary>Several answers to each of several prompts, read together as they come. The engine computes a prompt once, however many answers there are to it.</summary>
/// <typeparam name="TStream">An answer on its way.</typeparam>
/// <typeparam name="TPiece">A piece of one.</typeparam>
internal sealed class AnswerSet<TStream, TPiece> : IDisposable
    where TStream : class, IAsyncEnumerable<TPiece>
{
    private readonly int answers;
    private readonly Func<TStream, Generation> tokensOf;
    private readonly List<TStream> streams = [];

    /// <summary>Asks for the answers.</summary>
    /// <param name="prompts">How many prompts.</param>
    /// <param name="answers">How many answers to each.</param>
    /// <param name="start">Asks for an answer, by the numbers of its prompt and of the answer.</param>
    /// <param name="tokensOf">The tokens behind an answer.</param>
    public AnswerSet(int prompts, int answers, Func<int, int, TStream> start, Func<TStream, Generation> tokensOf)
    {
        (this.answers, this.tokensOf) = (answers, tokensOf);
        try
        {
            for (int index = 0; index < prompts * answers; index++) streams.Add(start(index / answers, index % answers));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>An answer, counted through all prompts.</summary>
    public TStream this[int index] => streams[index];

    /// <summary>What all of it took.</summary>
    public Usage Usage => Usage.Of(streams.Select(tokensOf).Chunk(answers));

    /// <summary>How fast the first answer came.</summary>
    public Timings Timings => Timings.Of(tokensOf(streams[0]));

    /// <summary>Why an answer ended, in OpenAI's words.</summary>
    public string ReasonOf(int index) => tokensOf(streams[index]).FinishReason == FinishReason.Length ? "length" : "stop";

    /// <summary>The pieces of all answers as they come, and an end for each.</summary>
    /// <exception cref="ApiException">The time was over.</exception>
    /// <exception cref="CaravanException">The model gave no usable numbers.</exception>
    public async IAsyncEnumerable<AnswerEvent<TPiece>> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        if (streams.Count == 1)
        {
            await foreach (TPiece piece in streams[0].WithCancellation(cancellation).ConfigureAwait(false)) yield return new AnswerEvent<TPiece>(0, piece);
            yield return End(0);
            yield break;
        }

        Channel<AnswerEvent<TPiece>> events = Channel.CreateUnbounded<AnswerEvent<TPiece>>(new UnboundedChannelOptions { SingleReader = true });
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task all = ReadAllAsync(events.Writer, stop.Token);
        try
        {
            await foreach (AnswerEvent<TPiece> next in events.Reader.ReadAllAsync(cancellation).ConfigureAwait(false)) yield return next;
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await all.ConfigureAwait(false);
        }
    }

    /// <summary>Ends what still runs.</summary>
    public void Dispose()
    {
        foreach (TStream stream in streams) tokensOf(stream).Cancel();
    }

    /// <summary>Never fails: what goes wrong goes to the reader.</summary>
    private async Task ReadAllAsync(ChannelWriter<AnswerEvent<TPiece>> events, CancellationToken cancellation)
    {
        Exception? failure = null;
        try
        {
            await Task.WhenAll(Enumerable.Range(0, streams.Count).Select(index => ReadAsync(index, events, cancellation))).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            failure = exception;
        }

        events.Complete(failure);
    }

    private async Task ReadAsync(int index, ChannelWriter<AnswerEvent<TPiece>> events, CancellationToken cancellation)
    {
        await foreach (TPiece piece in streams[index].WithCancellation(cancellation).ConfigureAwait(false)) events.TryWrite(new AnswerEvent<TPiece>(index, piece));
        events.TryWrite(End(index));
    }

    private AnswerEvent<TPiece> End(int index) => tokensOf(streams[index]).FinishReason == FinishReason.TimedOut
        ? throw ApiException.TimedOut()
        : new AnswerEvent<TPiece>(index, default) { IsEnd = true };
}

/// <summary>A piece of an answer, or its end.</summary>
/// <param name="Index">The answer, counted through all prompts.</param>
/// <param name="Piece">What came.</param>
internal readonly record struct AnswerEvent<TPiece>(int Index, TPiece? Piece)
{
    /// <summary>Whether nothing more comes to this answer.</summary>
    public bool IsEnd { get; init; }
}
