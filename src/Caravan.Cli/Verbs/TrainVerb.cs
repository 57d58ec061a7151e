using System.CommandLine;
using System.Diagnostics;
using Caravan.Training;

namespace Caravan.Cli;

/// <summary>Teaches a model.</summary>
internal sealed class TrainVerb : Verb
{
    private readonly Argument<string?> file = new("CONFIG")
    {
        Description = "A file of settings (YAML), or the folder of a run, whose settings are taken; flags win over it.", Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly SettingFlags<TrainingSettings> settings = new();
    private readonly Option<bool> resume = Flag.Switch("--resume", "Go on from the last checkpoint in the output folder.");
    private readonly Option<bool> explain = Flag.Switch("--explain", "Say what will happen, with the memory it needs and an example of what is learnt, and do nothing.");
    private readonly Option<bool> measure = Flag.Switch("--measure", "With --explain: take two steps to see how long the run will be; nothing is kept of them.");

    public override string Name => "train";

    public override string Summary => "Teach a model: pretraining, fine-tuning, adapters, preferences, rewards.";

    public override string Example =>
        "caravan train --model ./tinyllama --method sft --data chats.jsonl --output runs/sft --epochs 2 --explain\n" +
        "caravan train recipes/sft.yaml --schedule.rate 1e-4\n" +
        "caravan train runs/sft --resume";

    public override string? Notes =>
        "Every flag is a key of the file, written with '_' for '-', and what has a dot stands in a section:\n"
        + "  steps: 1000\n  optimizer: {name: lion, weight_decay: 0.1}\n"
        + $"Methods: {string.Join(", ", MethodCatalog.All.Select(row => row.Name))}.\n"
        + "caravan train --method NAME --help lists the settings of a method.\n"
        + "docs/training.md explains the settings, docs/methods.md the methods.\n"
        + "Ctrl-C finishes the step and writes a checkpoint; a second Ctrl-C ends at once, and the last checkpoint stays.";

    public override IEnumerable<HelpSection> Sections => settings.Sections;

    /// <summary>There are many methods; who names one sees its settings.</summary>
    public override bool Shows(HelpSection section, ParseResult parsed) =>
        MethodCatalog.All.All(row => row.Name != section.Name) || section.Name == settings.Given(parsed, "method");

    protected override IEnumerable<Symbol> Symbols => [file, resume, explain, measure, .. settings.Common];

    protected override int Run(ParseResult parsed, Terminal terminal)
    {
        TrainingSettings read = Settings(parsed);
        if (parsed.GetValue(measure) && !parsed.GetValue(explain)) throw new UsageException("--measure is a part of --explain; give that too.");
        using InterruptScope work = terminal.Interrupts.Begin();
        using TrainingSession session = new(read, work.Token);
        if (!parsed.GetValue(explain)) return Train(parsed, terminal, session, work.Token);
        TrainingPlan plan = TrainingPlan.Of(session);
        TimeSpan? perStep = parsed.GetValue(measure) ? Measure(session, work.Token) : null;
        if (parsed.GetValue(Json))
        {
            terminal.WriteJson(document =>
            {
                document.WritePlan(read, plan, perStep);
                document.WriteNull("run");
            });
        }
        else
        {
            terminal.PrintPlan(read, plan, perStep);
        }

        return ExitCode.Success;
    }

    private TrainingSettings Settings(ParseResult parsed)
    {
        string? path = parsed.GetValue(file);
        if (path is not null && Directory.Exists(path)) path = Path.Combine(path, RunRecorder.SettingsFile);
        TrainingSettings read = settings.Read(parsed, path);
        return read with { Model = parsed.ModelPath(read.Model)!, Tokenizer = parsed.ModelPath(read.Tokenizer) };
    }

    /// <summary>The first step makes room and wakes everything up; the second is like those that follow.</summary>
    private static TimeSpan Measure(TrainingSession session, CancellationToken cancellation)
    {
        session.Loop.Step();
        cancellation.ThrowIfCancellationRequested();
        return session.Loop.Step().Elapsed;
    }

    private int Train(ParseResult parsed, Terminal terminal, TrainingSession session, CancellationToken cancellation)
    {
        RunRecorder recorder = new(session, CaravanCli.Version);
        if (parsed.GetValue(resume) && recorder.Changes() is { Count: > 0 } changes)
            terminal.Error.WriteLine($"The run goes on with other settings than it began with, and will not be what it would have been: {string.Join("; ", changes)}.");
        TrainingOutcome outcome = TrainingWatch.Over(terminal, session.Steps, watch => Run(session, recorder, watch, parsed.GetValue(resume), cancellation));
        if (parsed.GetValue(Json)) terminal.WriteJson(document => document.WriteOutcome(session, outcome));
        else terminal.PrintOutcome(session, outcome);
        return outcome.End == RunEnd.Interrupted ? terminal.Interrupts.ExitCode : ExitCode.Success;
    }

    private static TrainingOutcome Run(TrainingSession session, RunRecorder recorder, TrainingWatch watch, bool resume, CancellationToken cancellation)
    {
        TrainingRun run = new(session.Loop, session.RunOptions(resume))
        {
            Begun = recorder.Begin,
            Stepped = watch.Stepped,
            Evaluated = watch.Evaluated,
        };
        long start = Stopwatch.GetTimestamp();
        try
        {
            run.Run(cancellation);
        }
        catch (CaravanException) when (recorder.HasBegun)
        {
            recorder.End("failed");
            throw;
        }

        string? written = null;
        int steps = session.Loop.Steps;
        if (run.End != RunEnd.Interrupted)
        {
            run.ReturnToBest();
            written = session.WriteResult(cancellation);
        }

        recorder.End(run.End.ToString().ToLowerInvariant());
        return new TrainingOutcome(run.End, steps, run.BestStep, run.BestLoss, written, watch.Status, Stopwatch.GetElapsedTime(start));
    }
}
