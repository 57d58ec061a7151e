using System.Text.Json;
using Caravan.Training;

namespace Caravan.Cli;

/// <summary>What a run will do, for people and for programs.</summary>
internal static class TrainingPlanOutput
{
    /// <summary>Characters of an example that are shown.</summary>
    private const int LongestExample = 4000;

    /// <summary>As people read it.</summary>
    /// <param name="terminal">Where it is printed.</param>
    /// <param name="settings">What was asked for.</param>
    /// <param name="plan">What will be done.</param>
    /// <param name="perStep">Time of a step; null where it was not measured.</param>
    public static void PrintPlan(this Terminal terminal, TrainingSettings settings, TrainingPlan plan, TimeSpan? perStep)
    {
        ReportPrinter printer = new(terminal);
        List<(string, string)> rows =
        [
            ("model", $"{plan.Model.Path} ({plan.Model.Family}{(settings.FromScratch ? ", from random weights" : "")})"),
            ("method", settings.Method),
            ("learnt", $"{plan.Parameters.Learnt:N0} of {plan.Parameters.All:N0} parameters ({(double)plan.Parameters.Learnt / plan.Parameters.All:0.00 %})"),
            ("optimizer", $"{settings.Optimizer.Name}, {settings.Schedule.Name} schedule, rate {SettingValue.Write(settings.Schedule.Rate)}"),
            ("steps", $"{plan.Steps:N0}{(plan.Epoch is { } epoch ? $", {epoch.Steps:N0} of them once through {Quantity.Of(epoch.Samples, "sample")}" : "")}"),
            ("tokens", $"about {plan.Tokens / plan.Steps:N0} a step, {Quantity.Count(plan.Tokens)} in all"),
            ("held out", plan.HeldOut == 0 ? "nothing" : Quantity.Of(plan.HeldOut, "sample")),
        ];
        if (perStep is { } time) rows.Add(("time", $"{Quantity.Time(time)} a step, {Duration(time * plan.Steps)} in all"));
        printer.Pairs("What will be done", rows);
        printer.Pairs("Memory", [.. plan.Memory.Select(part => (part.What, Quantity.Bytes(part.Bytes))), ("together", Quantity.Bytes(plan.Bytes))]);
        if (plan.Example.Count == 0) return;
        terminal.Output.WriteLine("The first sample; what stands in ⟦ ⟧ counts towards the loss:");
        foreach (IReadOnlyList<(string Text, bool Counts)> sequence in plan.Example)
        {
            string text = string.Concat(sequence.Select(piece => piece.Counts ? $"⟦{piece.Text}⟧" : piece.Text));
            terminal.Output.WriteLine(text.Length <= LongestExample ? text : $"{text[..LongestExample]} … ({text.Length - LongestExample:N0} more characters)");
        }
    }

    /// <summary>The object <c>plan</c>.</summary>
    public static void WritePlan(this Utf8JsonWriter document, TrainingSettings settings, TrainingPlan plan, TimeSpan? perStep)
    {
        document.WriteStartObject("plan");
        document.WriteString("model", plan.Model.Path);
        document.WriteString("family", plan.Model.Family);
        document.WriteString("method", settings.Method);
        document.WriteNumber("trainable_parameters", plan.Parameters.Learnt);
        document.WriteNumber("parameters", plan.Parameters.All);
        document.WriteNumber("steps", plan.Steps);
        document.WriteNumber("samples_per_step", plan.FirstStep.Samples);
        document.WriteNumber("tokens_per_step", plan.Tokens / plan.Steps);
        document.WriteNumber("tokens", plan.Tokens);
        document.WriteNumber("held_out_samples", plan.HeldOut);
        document.WriteOptional("seconds_per_step", perStep?.TotalSeconds);
        document.WriteStartObject("bytes");
        foreach ((string what, long bytes) in plan.Memory) document.WriteNumber(what.Split(" (")[0].Replace(' ', '_'), bytes);
        document.WriteEndObject();
        document.WriteEndObject();
    }

    private static string Duration(TimeSpan time) =>
        time.TotalHours >= 1 ? $"{(int)time.TotalHours} h {time.Minutes} min" : time.TotalMinutes >= 1 ? $"{time.Minutes} min {time.Seconds} s" : Quantity.Time(time);
}
