using System.Text.Json;
using Caravan.Training;

namespace Caravan.Cli;

/// <summary>What a run came to, for people and for programs.</summary>
internal static class TrainingOutcomeOutput
{
    /// <summary>As people read it.</summary>
    public static void PrintOutcome(this Terminal terminal, TrainingSession session, TrainingOutcome outcome)
    {
        string folder = session.Settings.Output, report = Path.Combine(folder, RunRecorder.ReportFile);
        if (outcome.End == RunEnd.Interrupted)
        {
            terminal.Error.WriteLine($"caravan: Interrupted after step {outcome.Steps} of {session.Steps}; 'caravan train {folder} --resume' goes on from there.");
            return;
        }

        TrainingStatus status = outcome.Status;
        string why = outcome.End == RunEnd.Stopped ? $", since the held-out loss no longer fell (patience {session.Settings.Patience})" : "";
        string loss = status.Last is null ? "" : $"; loss {status.Loss:0.####}";
        string best = outcome.BestLoss is { } lowest ? $", held out {lowest:0.####} at step {outcome.BestStep}" : "";
        terminal.Output.WriteLine($"Trained {Quantity.Of(outcome.Steps, "step")} in {Quantity.Time(outcome.Elapsed)}{why}{loss}{best}.");
        terminal.Output.WriteLine($"The result{(outcome.BestStep is { } step && step != outcome.Steps ? $" (step {step}, the best)" : "")} is in '{outcome.Written}', the curves are in '{report}'.");
    }

    /// <summary>The fields of the JSON document.</summary>
    public static void WriteOutcome(this Utf8JsonWriter document, TrainingSession session, TrainingOutcome outcome)
    {
        TrainingStatus status = outcome.Status;
        (long learnt, long all) = TrainingPlan.CountParameters(session);
        document.WriteNull("plan");
        document.WriteStartObject("run");
        document.WriteString("output", session.Settings.Output);
        document.WriteString("end", outcome.End.ToString().ToLowerInvariant());
        document.WriteNumber("steps", outcome.Steps);
        document.WriteOptional("loss", status.Last is null ? null : status.Loss);
        document.WriteOptional("best_step", outcome.BestStep);
        document.WriteOptional("best_loss", outcome.BestLoss);
        document.WriteString("model", outcome.Written);
        document.WriteString("report", Path.Combine(session.Settings.Output, RunRecorder.ReportFile));
        document.WriteNumber("trainable_parameters", learnt);
        document.WriteNumber("parameters", all);
        document.WriteOptional("tokens_per_second", status.Last is null ? null : status.Speed);
        document.WriteNumber("elapsed_seconds", outcome.Elapsed.TotalSeconds);
        document.WriteEndObject();
    }
}
