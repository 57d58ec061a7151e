using System.Diagnostics;
using System.Globalization;
using Caravan.Training;
using Spectre.Console;
using Spectre.Console.Rendering;
using Label = Spectre.Console.Text;

namespace Caravan.Cli;

/// <summary>Shows a run while it runs: a picture that changes where somebody watches, else a line every few seconds.</summary>
internal sealed class TrainingWatch
{
    private static readonly TimeSpan BetweenPictures = TimeSpan.FromMilliseconds(100), BetweenLines = TimeSpan.FromSeconds(5);

    private readonly Terminal terminal;
    private readonly LiveDisplayContext? picture;
    private long lastShown;

    private TrainingWatch(Terminal terminal, int steps, LiveDisplayContext? picture) => (this.terminal, this.picture, Status) = (terminal, picture, new TrainingStatus(steps));

    /// <summary>The numbers that it shows.</summary>
    public TrainingStatus Status { get; }

    /// <summary>Does work that tells a watch how far it is.</summary>
    /// <param name="terminal">Where it is shown; on standard error.</param>
    /// <param name="steps">Steps in all.</param>
    /// <param name="work">The work.</param>
    public static T Over<T>(Terminal terminal, int steps, Func<TrainingWatch, T> work) => terminal.ErrorIsTerminal
        ? Consoles.Over(terminal.Error, terminal).Live(new Label("")).Start(context => work(new TrainingWatch(terminal, steps, context)))
        : work(new TrainingWatch(terminal, steps, null));

    /// <summary>Shows a step.</summary>
    public void Stepped(StepReport step)
    {
        Status.Add(step);
        bool due = lastShown == 0 || Stopwatch.GetElapsedTime(lastShown) >= (picture is null ? BetweenLines : BetweenPictures) || step.Step == Status.Steps;
        if (due) Show(picture is null ? Line() : null);
    }

    /// <summary>Shows a look at held-out data.</summary>
    public void Evaluated(int step, IReadOnlyDictionary<string, double> seen)
    {
        Status.Add(step, seen);
        Show(picture is null ? $"step {step}: held out {Numbers(seen)}" : null);
    }

    private void Show(string? line)
    {
        lastShown = Stopwatch.GetTimestamp();
        if (line is not null) terminal.Error.WriteLine(line);
        if (picture is null) return;
        picture.UpdateTarget(Picture());
        picture.Refresh();
    }

    private string Line() =>
        $"step {Status.Last!.Step}/{Status.Steps}  loss {Number(Status.Loss)}  rate {Number(Status.Last.LearningRate)}"
        + (Status.Last.GradientNorm > 0 ? $"  gradient {Number(Status.Last.GradientNorm)}" : "")
        + $"  {Status.Speed:N0} tokens/s  {Duration(Status.Left)} left{(Status.Last.Observations.Count > 0 ? "  " + Numbers(Status.Last.Observations) : "")}";

    private Rows Picture()
    {
        List<IRenderable> rows = [];
        if (Status.Last is { } last)
        {
            rows.Add(new Markup(Bar(last.Step)));
            rows.Add(new Markup(Pairs(
            [
                ("loss", Number(Status.Loss)), ("rate", Number(last.LearningRate)), ("gradient", last.GradientNorm > 0 ? Number(last.GradientNorm) : ""),
                ("tokens/s", $"{Status.Speed:N0}"), .. last.Observations.Select(pair => (Spoken(pair.Key), Number(pair.Value))),
            ])));
        }

        if (Status.Evaluation is { } evaluation)
        {
            string best = Status.Best is { } found ? $"   [grey]best[/] {Number(found.Loss)} [grey]at step {found.Step:N0}[/]" : "";
            rows.Add(new Markup($"[grey]held out at step {evaluation.Step:N0}:[/] {Pairs(evaluation.Seen.Select(pair => (Spoken(pair.Key), Number(pair.Value))))}{best}"));
        }

        return new Rows(rows);
    }

    private string Bar(int step)
    {
        string end = $"step {step:N0} of {Status.Steps:N0}   {Duration(Status.Left)} left";
        int width = Math.Clamp(terminal.Width - end.Length - 16, 10, 60), done = (int)((long)width * step / Status.Steps);
        return $"Training [green]{new string('━', done)}[/][grey]{new string('━', width - done)}[/] {100.0 * step / Status.Steps,3:0}%  {end}";
    }

    private static string Pairs(IEnumerable<(string Name, string Value)> pairs) =>
        string.Join("   ", pairs.Where(pair => pair.Value.Length > 0).Select(pair => $"[grey]{Markup.Escape(pair.Name)}[/] {Markup.Escape(pair.Value)}"));

    private static string Numbers(IReadOnlyDictionary<string, double> seen) => string.Join("  ", seen.Select(pair => $"{Spoken(pair.Key)} {Number(pair.Value)}"));

    private static string Spoken(string name) => name.Replace('_', ' ');

    private static string Number(double value) => SettingValue.Write(double.Parse(value.ToString("G4", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture));

    private static string Duration(TimeSpan time) => time.TotalHours >= 1 ? $"{(int)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}" : $"{time.Minutes}:{time.Seconds:00}";
}
