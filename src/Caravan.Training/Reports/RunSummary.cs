using System.Globalization;

namespace Caravan.Training;

/// <summary>A run in a few numbers.</summary>
internal static class RunSummary
{
    /// <summary>What they are.</summary>
    public static IReadOnlyList<string> Names { get; } = ["steps", "loss", "best held-out loss", "tokens", "time", "tokens/s", "learnt parameters"];

    /// <summary>The numbers, under <see cref="Names"/>.</summary>
    public static IReadOnlyList<string> Of(RunHistory run)
    {
        Curve loss = run.InSteps("loss"), heldOut = run.HeldOut("loss");
        int best = heldOut.IsEmpty ? -1 : Enumerable.Range(0, heldOut.Values.Count).MinBy(i => heldOut.Values[i]);
        return
        [
            $"{run.Steps:N0}",
            loss.IsEmpty ? "–" : Number(loss.Values.TakeLast(Math.Max(1, loss.Values.Count / 50)).Average()),
            best < 0 ? "–" : $"{Number(heldOut.Values[best])} at {heldOut.Steps[best]:N0}",
            $"{run.Tokens:N0}",
            run.Elapsed.TotalHours >= 1 ? $"{(int)run.Elapsed.TotalHours} h {run.Elapsed.Minutes} min" : run.Elapsed.TotalMinutes >= 1 ? $"{run.Elapsed.Minutes} min {run.Elapsed.Seconds} s" : $"{run.Elapsed.TotalSeconds:0.0} s",
            run.Elapsed > TimeSpan.Zero ? $"{run.Tokens / run.Elapsed.TotalSeconds:N0}" : "–",
            run.Facts is { } facts ? $"{facts.TrainableParameters:N0} of {facts.Parameters:N0}" : "–",
        ];
    }

    private static string Number(double value) => value.ToString("G4", CultureInfo.InvariantCulture);
}
