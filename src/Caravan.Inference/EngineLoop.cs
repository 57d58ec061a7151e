using Caravan.Tensors;

namespace Caravan.Inference;

/// <summary>
/// Steps an engine on a thread of its own for as long as there is something to do, so that requests from any thread join the running batch at its
/// next step and leave it the moment they end.
/// </summary>
public sealed class EngineLoop : IDisposable
{
    private readonly AutoResetEvent work = new(false);
    private readonly Thread thread;
    private readonly int queueLength;
    private readonly Lock ending = new();
    private volatile bool refusing, stopping, ended;

    /// <summary>Starts the thread. The engine stays the caller's; nobody else may step it.</summary>
    /// <param name="engine">What is stepped.</param>
    /// <param name="queueLength">Most requests that may wait; one more is refused with <see cref="EngineBusyException"/>. Neutral: <see cref="int.MaxValue"/>.</param>
    public EngineLoop(Engine engine, int queueLength = int.MaxValue)
    {
        Engine = engine;
        this.queueLength = queueLength;
        engine.Submitted += Wake;
        thread = new Thread(Run) { Name = "caravan engine", IsBackground = true };
        thread.Start();
    }

    /// <summary>What is stepped.</summary>
    public Engine Engine { get; }

    /// <summary>Puts a request in the queue.</summary>
    /// <exception cref="CaravanException">The request is out of range.</exception>
    /// <exception cref="EngineBusyException">Too many wait already, or the loop is ending.</exception>
    public Generation Submit(GenerationRequest request, TokenReceiver? receiver = null)
    {
        RequireRoom();
        Generation generation = Engine.Submit(request, receiver);
        EndWhatCameTooLate();
        return generation;
    }

    /// <summary>Generates a text, piece by piece; whoever stops reading early, or cancels, ends the generation within one step.</summary>
    /// <exception cref="CaravanException">The request is out of range, or the model gave no usable numbers.</exception>
    /// <exception cref="EngineBusyException">Too many wait already, or the loop is ending.</exception>
    public TextStream Stream(TextRequest request)
    {
        RequireRoom();
        TextStream stream = new(Engine, request);
        EndWhatCameTooLate();
        return stream;
    }

    /// <summary>Lets the engine's thread compute something else between two steps; see <see cref="Engine.Between"/>.</summary>
    /// <exception cref="EngineBusyException">Too many wait already, or the loop is ending.</exception>
    internal Task<T> Between<T>(Func<Pass, T> compute)
    {
        RequireRoom();
        Task<T> result = Engine.Between(compute);
        EndWhatCameTooLate();
        return result;
    }

    /// <summary>Takes no more requests, and returns when all that were taken have ended; on cancellation they are ended.</summary>
    public async Task DrainAsync(CancellationToken cancellation = default)
    {
        refusing = true;
        while (!cancellation.IsCancellationRequested && Engine.Status is { Running: > 0 } or { Waiting: > 0 })
            await Task.Delay(10, CancellationToken.None).ConfigureAwait(false);
        stopping = true;
        Wake();
    }

    /// <summary>Ends everything and the thread.</summary>
    public void Dispose()
    {
        refusing = stopping = true;
        Wake();
        thread.Join();
        Engine.Submitted -= Wake;
    }

    private void Wake() => work.Set();

    private void RequireRoom()
    {
        if (refusing) throw new EngineBusyException("The server is shutting down and takes no more requests.", isEnding: true);
        if (Engine.Status.Waiting >= queueLength)
            throw new EngineBusyException($"{queueLength} requests wait already, and that is as many as may; try again later.", isEnding: false);
    }

    private void Run()
    {
        while (!stopping)
        {
            try
            {
                if (!Engine.Step()) work.WaitOne();
            }
            catch (Exception exception)
            {
                // A defect in one step must not take the whole service with it; whoever waits is told.
                Engine.FailAll(exception as CaravanException ?? new CaravanException($"A step of the engine failed: {exception.Message}", exception));
            }
        }

        ended = true;
        EndWhatCameTooLate();
    }

    /// <summary>Nobody steps any more: whoever was let in at the last moment is told so.</summary>
    private void EndWhatCameTooLate()
    {
        if (!ended) return;
        lock (ending) Engine.FailAll(new CaravanException("The engine was stopped before the answer was complete."));
    }
}
