using System.CommandLine;
using System.Diagnostics;
using Caravan.Formats;
using Caravan.Training.Synthesis;

namespace Caravan.Cli;

/// <summary>Writes samples that a program makes, for a model to learn from or to be measured with.</summary>
internal sealed class DataSynthVerb : Verb
{
    private readonly Option<string?> skills = Flag.Text("--skills", "NAMES", $"What is to be learnt, with commas between (default: all): {string.Join(", ", SkillCatalog.All.Select(skill => skill.Name))}.");
    private readonly Option<long?> count = Flag.Number<long>("--count", "N", "How many samples (default 1000).");
    private readonly Option<ulong?> seed = Flag.Number<ulong>("--seed", "N", "What all chance follows from (default 1): the same seed gives the same samples.");
    private readonly Option<string?> split = Flag.Text("--split", "train|held-out", "What the samples are for (default train); no sum, fact or list is in both.");
    private readonly Option<bool> text = Flag.Switch("--text", "Write texts of the same worlds instead of conversations, for pretraining.");
    private readonly Option<string?> output = Flag.Text("--output", "FILE", "The JSONL file to write (default: standard output).");

    public override string? Group => "data";

    public override string Name => "synth";

    public override string Summary => "Write samples that a program makes, to teach a small model with.";

    public override string Example => "caravan data synth --count 100000 --output train.jsonl\ncaravan data synth --skills arithmetic,tools --count 1000 --split held-out --output test.jsonl";

    public override string Notes => string.Join('\n', SkillCatalog.All.Select(skill => $"{skill.Name}: {skill.Summary}"));

    protected override IEnumerable<Symbol> Symbols => [skills, count, seed, split, text, output];

    protected override int Run(ParseResult parsed, Terminal terminal)
    {
        string? path = parsed.GetValue(output);
        if (path is null && parsed.GetValue(Json)) throw new UsageException("--json needs --output: both would write to standard output.");
        long samples = parsed.GetValue(count) ?? 1000;
        if (samples < 1) throw new UsageException($"--count takes 1 or more, not {samples}.");
        Synthesizer synthesizer = new(parsed.GetValue(seed) ?? 1, SplitOf(parsed.GetValue(split)), SkillsOf(parsed.GetValue(skills)));
        using InterruptScope work = terminal.Interrupts.Begin();
        if (path is null)
        {
            terminal.Output.Flush();
            SyntheticFile.Write(synthesizer, samples, parsed.GetValue(text), terminal.OutputBytes, progress: null, work.Token);
            return ExitCode.Success;
        }

        long start = Stopwatch.GetTimestamp();
        using AtomicFile file = AtomicFile.Create(path);
        SortedDictionary<string, long> written = terminal.Watch<long, SortedDictionary<string, long>>(
            "Writing", done => (done, samples), progress => SyntheticFile.Write(synthesizer, samples, parsed.GetValue(text), file.Stream, progress, work.Token));
        long bytes = file.Stream.Length;
        file.Commit();
        Report(parsed, terminal, path, written, bytes, Stopwatch.GetElapsedTime(start));
        return ExitCode.Success;
    }

    private void Report(ParseResult parsed, Terminal terminal, string path, SortedDictionary<string, long> written, long bytes, TimeSpan elapsed)
    {
        long samples = written.Values.Sum();
        if (!parsed.GetValue(Json))
        {
            new ReportPrinter(terminal).Table("Samples", ["skill", "samples"], written.Select(pair => (string[])[pair.Key, $"{pair.Value:N0}"]));
            terminal.Output.WriteLine($"Wrote '{path}': {Quantity.Of(samples, "sample")}, {Quantity.Bytes(bytes)}, in {Quantity.Time(elapsed)}.");
            return;
        }

        terminal.WriteJson(document =>
        {
            document.WriteString("output", path);
            document.WriteNumber("samples", samples);
            document.WriteNumber("bytes", bytes);
            document.WriteStartObject("skills");
            foreach ((string skill, long number) in written) document.WriteNumber(skill, number);
            document.WriteEndObject();
            document.WriteNumber("elapsed_seconds", elapsed.TotalSeconds);
        });
    }

    private static Split SplitOf(string? name) => name switch
    {
        null or "train" => Split.Train,
        "held-out" => Split.HeldOut,
        _ => throw new UsageException($"--split takes train or held-out, not '{name}'."),
    };

    private static IReadOnlyList<Skill> SkillsOf(string? names)
    {
        try
        {
            return names is null ? SkillCatalog.All : [.. names.Split(',', StringSplitOptions.TrimEntries).Distinct().Select(SkillCatalog.Find)];
        }
        catch (CaravanException exception)
        {
            throw new UsageException(exception.Message);
        }
    }
}
