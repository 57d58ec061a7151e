using Spectre.Console;

namespace Caravan.Cli;

/// <summary>A bar with the time that is left, for work that takes long; only where somebody watches.</summary>
internal static class Watching
{
    /// <summary>Does work that tells how far it is.</summary>
    /// <param name="terminal">Where the bar is drawn.</param>
    /// <param name="what">Such as <c>Converting</c>.</param>
    /// <param name="measure">What is done and what there is to do.</param>
    /// <param name="work">The work.</param>
    public static TResult Watch<TProgress, TResult>(
        this Terminal terminal, string what, Func<TProgress, (double Done, double Total)> measure, Func<IProgress<TProgress>?, TResult> work)
    {
        if (!terminal.ErrorIsTerminal) return work(null);
        return Consoles.Over(terminal.Error, terminal).Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context => work(new Bar<TProgress>(context.AddTask(what, autoStart: true, maxValue: 1), measure)));
    }

    /// <summary>Moves the bar at once; the framework's own Progress would post to other threads, out of order.</summary>
    private sealed class Bar<TProgress>(ProgressTask task, Func<TProgress, (double Done, double Total)> measure) : IProgress<TProgress>
    {
        public void Report(TProgress value)
        {
            (double done, double total) = measure(value);
            task.MaxValue = Math.Max(1, total);
            task.Value = done;
        }
    }
}
