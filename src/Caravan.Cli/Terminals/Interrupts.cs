namespace Caravan.Cli;

/// <summary>
/// Turns Ctrl-C into cancellation. While a piece of work runs, the first one cancels that work and the second ends the process; at other times
/// the first ends the process.
/// </summary>
internal class Interrupts
{
    private readonly Lock gate = new();
    private CancellationTokenSource? work;

    /// <summary>What to return when the work was cancelled.</summary>
    public int ExitCode { get; private set; } = Cli.ExitCode.Interrupted;

    /// <summary>Whether not only the work, but the process is to end.</summary>
    public bool IsTerminating => ExitCode == Cli.ExitCode.Terminated;

    /// <summary>Begins a piece of work; its token is cancelled by Ctrl-C until it is disposed.</summary>
    public virtual InterruptScope Begin()
    {
        InterruptScope scope = new(this);
        lock (gate) work = scope.Source;
        return scope;
    }

    /// <summary>Takes a signal; false when there is nothing (more) to cancel, so that the process should end at once.</summary>
    /// <param name="exitCode">What the process returns once the work has ended.</param>
    public bool Interrupt(int exitCode)
    {
        lock (gate)
        {
            if (work is null || work.IsCancellationRequested) return false;
            ExitCode = exitCode;
            work.Cancel();
            return true;
        }
    }

    internal void End()
    {
        lock (gate) work = null;
    }
}
