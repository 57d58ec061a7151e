using System.Text.Json.Nodes;
using Caravan.Formats;

namespace Caravan.Training;

/// <summary>A loop that runs to its end, through interruptions: it looks at held-out data, keeps checkpoints and writes down what happens.</summary>
/// <param name="loop">What runs; stays the caller's.</param>
/// <param name="options">How long, and what is kept.</param>
internal sealed class TrainingRun(TrainingLoop loop, RunOptions options)
{
    private readonly CheckpointFolder checkpoints = new(Path.Combine(options.Folder, "checkpoints"), options.Keep);
    private double best = double.PositiveInfinity;
    private int? bestStep;
    private int worse;

    /// <summary>Told once the folder is the run's own, before the first step.</summary>
    public Action? Begun { get; init; }

    /// <summary>Told of every step.</summary>
    public Action<StepReport>? Stepped { get; init; }

    /// <summary>Told of every look at held-out data: the number of steps taken, and what was seen.</summary>
    public Action<int, IReadOnlyDictionary<string, double>>? Evaluated { get; init; }

    /// <summary>Told of every checkpoint: its folder.</summary>
    public Action<string>? Saved { get; init; }

    /// <summary>The step with the lowest loss over held-out data; null where there was none.</summary>
    public int? BestStep => bestStep;

    /// <summary>That loss; null where there was none.</summary>
    public double? BestLoss => double.IsFinite(best) ? best : null;

    /// <summary>Why the run ended.</summary>
    public RunEnd End { get; private set; } = RunEnd.Interrupted;

    /// <summary>Runs until the last step, early stopping or cancellation; each ends with a checkpoint.</summary>
    /// <exception cref="CaravanException">
    /// The folder holds a run already, a loss is not a number, or the disk is full; the last checkpoint is there to go on from.
    /// </exception>
    public void Run(CancellationToken cancellation)
    {
        Begin();
        Begun?.Invoke();
        using MetricsFile metrics = new(Path.Combine(options.Folder, "metrics.jsonl"), loop.Steps);
        int saved = loop.Steps;
        while (loop.Steps < options.Steps && !IsOver() && !cancellation.IsCancellationRequested)
        {
            StepReport report = Step();
            metrics.Add(report);
            Stepped?.Invoke(report);
            if (IsDue(options.EvaluateEvery, evenAtTheEnd: options.EvaluateEvery > 0)) Evaluate(metrics);
            if (!IsDue(options.SaveEvery, evenAtTheEnd: false)) continue;
            Save();
            saved = loop.Steps;
        }

        if (saved < loop.Steps) Save();
        End = IsOver() ? RunEnd.Stopped : loop.Steps >= options.Steps ? RunEnd.Finished : RunEnd.Interrupted;
    }

    /// <summary>Goes back to the best step, if its checkpoint is not where the loop is.</summary>
    public void ReturnToBest()
    {
        if (bestStep is { } step && step != loop.Steps && Directory.Exists(checkpoints.PathOf(step))) TrainingCheckpoint.Read(checkpoints.PathOf(step), loop);
    }

    private void Begin()
    {
        FileFailure.Guard(options.Folder, 0, () => Directory.CreateDirectory(Path.Combine(options.Folder, "checkpoints")));
        if (checkpoints.Latest is not { } latest) return;
        if (!options.Resume)
            throw new CaravanException($"'{options.Folder}' holds a run already (its last checkpoint is '{Path.GetFileName(latest)}'); resume it (--resume), or name another folder.");
        JsonObject run = TrainingCheckpoint.Read(latest, loop);
        best = (double?)run["best"] ?? double.PositiveInfinity;
        bestStep = (int?)run["best_step"];
        worse = (int?)run["worse"] ?? 0;
    }

    private StepReport Step()
    {
        try
        {
            return loop.Step();
        }
        catch (CaravanException exception) when (checkpoints.Latest is { } latest)
        {
            throw new CaravanException($"{exception.Message} The last checkpoint is '{latest}'.", exception);
        }
    }

    private bool IsOver() => options.Patience > 0 && worse >= options.Patience;

    private bool IsDue(int every, bool evenAtTheEnd) => (every > 0 && loop.Steps % every == 0) || (evenAtTheEnd && loop.Steps == options.Steps);

    private void Evaluate(MetricsFile metrics)
    {
        IReadOnlyDictionary<string, double> seen = loop.Evaluate();
        if (seen.Count == 0) return;
        metrics.Add(loop.Steps, seen);
        Evaluated?.Invoke(loop.Steps, seen);
        if (!seen.TryGetValue("loss", out double loss)) return;
        if (loss < best)
        {
            (best, bestStep, worse) = (loss, loop.Steps, 0);
            Save();
        }
        else
        {
            worse++;
        }
    }

    private void Save()
    {
        string path = checkpoints.PathOf(loop.Steps);
        JsonObject run = new() { ["best"] = double.IsFinite(best) ? best : null, ["best_step"] = bestStep, ["worse"] = worse };
        TrainingCheckpoint.Write(path, loop, run);
        checkpoints.Retire(bestStep);
        Saved?.Invoke(path);
    }
}
