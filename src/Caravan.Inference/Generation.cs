using System.Diagnostics;
using Caravan.Models;

namespace Caravan.Inference;

/// <summary>A request on its way through the engine, and what came of it.</summary>
public sealed class Generation
{
    private readonly List<int> tokens;
    private readonly TaskCompletionSource completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long submitted = Stopwatch.GetTimestamp();
    private readonly TimeSpan timeout;
    private long prefillStarted, firstToken, lastToken;
    private volatile bool cancelled;

    internal Generation(int promptTokens, int capacity, TimeSpan? timeout = null)
    {
        PromptTokens = promptTokens;
        tokens = new List<int>(capacity);
        this.timeout = timeout ?? TimeSpan.MaxValue;
    }

    /// <summary>Number of tokens of the prompt.</summary>
    public int PromptTokens { get; }

    /// <summary>How many of them were found in pages of earlier sequences and not computed again.</summary>
    public int ReusedTokens { get; internal set; }

    /// <summary>What its sequence is made of where the prompt is an object of texts; null otherwise.</summary>
    internal SequenceParts? Parts { get; init; }

    /// <summary>The tokens generated so far.</summary>
    public IReadOnlyList<int> Tokens => tokens;

    /// <summary>Why it ended; null while it runs.</summary>
    public FinishReason? FinishReason { get; private set; }

    /// <summary>What went wrong, when <see cref="FinishReason"/> is Failed.</summary>
    public CaravanException? Failure { get; private set; }

    /// <summary>Ends when the generation has ended, however it did; never fails.</summary>
    public Task Completion => completion.Task;

    /// <summary>From submission to the first pass that computed anything of it; null before it.</summary>
    public TimeSpan? QueueTime => prefillStarted == 0 ? null : Stopwatch.GetElapsedTime(submitted, prefillStarted);

    /// <summary>From submission to the first token; null before it.</summary>
    public TimeSpan? TimeToFirstToken => firstToken == 0 ? null : Stopwatch.GetElapsedTime(submitted, firstToken);

    /// <summary>Prompt tokens computed per second; null before the first token.</summary>
    public double? PromptTokensPerSecond => firstToken == 0 ? null : (PromptTokens - ReusedTokens) / Seconds(prefillStarted, firstToken);

    /// <summary>Tokens generated per second after the first; null before the second.</summary>
    public double? TokensPerSecond => tokens.Count < 2 ? null : (tokens.Count - 1) / Seconds(firstToken, lastToken);

    /// <summary>Whether <see cref="Cancel"/> was called.</summary>
    internal bool IsCancelled => cancelled;

    /// <summary>Whether its time is over.</summary>
    internal bool IsOverdue => timeout < TimeSpan.MaxValue && Stopwatch.GetElapsedTime(submitted) > timeout;

    /// <summary>From the token before the last to the last, in seconds; 0 for the first.</summary>
    internal double LastInterval { get; private set; }

    /// <summary>From submission until now, in seconds.</summary>
    internal double SecondsSinceSubmission => Stopwatch.GetElapsedTime(submitted).TotalSeconds;

    /// <summary>Asks the engine to end it at its next step; may be called from any thread.</summary>
    public void Cancel() => cancelled = true;

    internal void BeginPrefill()
    {
        if (prefillStarted == 0) prefillStarted = Stopwatch.GetTimestamp();
    }

    internal void Add(int token)
    {
        long now = Stopwatch.GetTimestamp();
        if (tokens.Count == 0) firstToken = now;
        else LastInterval = Seconds(lastToken, now);
        lastToken = now;
        tokens.Add(token);
    }

    /// <summary>Ends it; what ended already stays as it is.</summary>
    internal void Finish(FinishReason reason, CaravanException? failure = null)
    {
        if (FinishReason is not null) return;
        Failure = failure;
        FinishReason = reason;
    }

    /// <summary>Tells who waits for <see cref="Completion"/>; its place is free by then.</summary>
    internal void Announce() => completion.TrySetResult();

    private static double Seconds(long start, long end) => Math.Max(1e-9, Stopwatch.GetElapsedTime(start, end).TotalSeconds);
}
