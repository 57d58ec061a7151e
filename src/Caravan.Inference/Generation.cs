using System.Diagnostics;
using Caravan.Models;

namespace Caravan.Inference;

/// <summary>A request on its way through the engine, and what came of it.</summary>
public sealed class Generation
{
    private readonly List<int> tokens;
    private readonly long submitted = Stopwatch.GetTimestamp();
    private long prefillStarted, firstToken, lastToken;
    private volatile bool cancelled;

    internal Generation(int promptTokens, int capacity)
    {
        PromptTokens = promptTokens;
        tokens = new List<int>(capacity);
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

    /// <summary>From submission to the first token; null before it.</summary>
    public TimeSpan? TimeToFirstToken => firstToken == 0 ? null : Stopwatch.GetElapsedTime(submitted, firstToken);

    /// <summary>Prompt tokens computed per second; null before the first token.</summary>
    public double? PromptTokensPerSecond => firstToken == 0 ? null : (PromptTokens - ReusedTokens) / Seconds(prefillStarted, firstToken);

    /// <summary>Tokens generated per second after the first; null before the second.</summary>
    public double? TokensPerSecond => tokens.Count < 2 ? null : (tokens.Count - 1) / Seconds(firstToken, lastToken);

    /// <summary>Whether <see cref="Cancel"/> was called.</summary>
    internal bool IsCancelled => cancelled;

    /// <summary>Asks the engine to end it at its next step; may be called from any thread.</summary>
    public void Cancel() => cancelled = true;

    internal void BeginPrefill() => prefillStarted = Stopwatch.GetTimestamp();

    internal void Add(int token)
    {
        lastToken = Stopwatch.GetTimestamp();
        if (tokens.Count == 0) firstToken = lastToken;
        tokens.Add(token);
    }

    internal void Finish(FinishReason reason, CaravanException? failure = null)
    {
        Failure = failure;
        FinishReason = reason;
    }

    private static double Seconds(long start, long end) => Math.Max(1e-9, Stopwatch.GetElapsedTime(start, end).TotalSeconds);
}
