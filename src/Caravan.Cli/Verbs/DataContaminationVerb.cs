using System.CommandLine;
using System.Diagnostics;
using Caravan.Training;

namespace Caravan.Cli;

/// <summary>Finds an evaluation in training data.</summary>
internal sealed class DataContaminationVerb : Verb
{
    private const int MostListed = 1000, MostShown = 10;

    private readonly DataFlags data = new();
    private readonly Option<string[]> against = Flag.Texts("--against", "FILE", "A file or folder of the evaluation; may be given several times.");
    private readonly Option<int?> words = Flag.Number<int>("--words", "N", $"Words of a stretch that counts as found (default {Contamination.UsualWords}).");
    private readonly Option<string?> output = Flag.Text("--output", "FILE", "The JSON Lines file for the training data in which nothing is found, packed when it ends in .gz.");

    public override string? Group => "data";

    public override string Name => "contamination";

    public override string Summary => "Find stretches of an evaluation in training data.";

    public override string Example => "caravan data contamination train.jsonl --against test.jsonl\ncaravan data contamination ./corpus --against gsm8k.jsonl --against mmlu.csv --output clean.jsonl";

    public override string Notes =>
        $"A text of the evaluation that is shorter is looked for as a whole when it has {Contamination.FewestWords} words or more. Words are compared in lower case and without punctuation.";

    protected override IEnumerable<Symbol> Symbols => [.. data.Symbols, against, words, output];

    protected override int Run(ParseResult parsed, Terminal terminal)
    {
        string[] evaluation = parsed.GetValue(against) ?? [];
        if (evaluation.Length == 0) throw new UsageException("Say with --against FILE what is to be looked for.");
        int length = parsed.GetValue(words) ?? Contamination.UsualWords;
        if (length < 1) throw new UsageException($"--words takes 1 or more, not {length}.");
        string? path = parsed.GetValue(output);
        using InterruptScope work = terminal.Interrupts.Begin();
        SampleFiles files = data.Open(parsed);
        long start = Stopwatch.GetTimestamp();
        Contamination check = new(data.Open(parsed, evaluation).Samples(cancellation: work.Token), length);
        using SampleWriter? writer = path is null ? null : new SampleWriter(path);
        Result result = new(check);
        terminal.WatchBytes(files.Bytes, progress => Separate(files, result, writer, progress, work.Token));
        writer?.Commit();
        Report(parsed, terminal, result, path, Stopwatch.GetElapsedTime(start));
        return ExitCode.Success;
    }

    private static long Separate(SampleFiles files, Result result, SampleWriter? writer, Action<long>? progress, CancellationToken cancellation)
    {
        foreach (DataRecord record in files.Records(progress, cancellation))
        {
            result.Samples++;
            IReadOnlyList<ContaminationHit> hits = result.Check.Search(files.Read(record));
            if (hits.Count == 0) writer?.Write(record);
            else result.Contaminated++;
            result.Hits.AddRange(hits.Take(MostListed - result.Hits.Count));
        }

        return result.Samples;
    }

    private void Report(ParseResult parsed, Terminal terminal, Result result, string? path, TimeSpan elapsed)
    {
        int evaluation = result.Check.Samples.Count, found = result.Check.Samples.Count(sample => sample.Hits > 0);
        if (!parsed.GetValue(Json))
        {
            new ReportPrinter(terminal).Table("Found", ["in", "of", "text"],
                result.Hits.Take(MostShown).Select(hit => (string[])[$"{hit.Training}", $"{hit.Evaluation}", DataOutput.Short(hit.Text)]));
            terminal.Output.WriteLine($"Of {Quantity.Of(evaluation, "sample")} of the evaluation {found:N0} are found, in {result.Contaminated:N0} of {result.Samples:N0} of the training data.");
            if (result.Check.TooShort > 0) terminal.Output.WriteLine($"{Quantity.Of(result.Check.TooShort, "sample")} of the evaluation could not be looked for, having fewer than {Contamination.FewestWords} words.");
            if (path is not null) terminal.Output.WriteLine($"Wrote '{path}': {Quantity.Of(result.Samples - result.Contaminated, "sample")}.");
            return;
        }

        terminal.WriteJson(document =>
        {
            document.WriteString("output", path);
            document.WriteNumber("training_samples", result.Samples);
            document.WriteNumber("contaminated_training_samples", result.Contaminated);
            document.WriteNumber("evaluation_samples", evaluation);
            document.WriteNumber("contaminated_evaluation_samples", found);
            document.WriteNumber("too_short", result.Check.TooShort);
            document.WriteStartArray("hits");
            foreach (ContaminationHit hit in result.Hits)
            {
                document.WriteStartObject();
                document.WriteOrigin("training", hit.Training);
                document.WriteOrigin("evaluation", hit.Evaluation);
                document.WriteString("text", hit.Text);
                document.WriteEndObject();
            }

            document.WriteEndArray();
            document.WriteNumber("elapsed_seconds", elapsed.TotalSeconds);
        });
    }

    private sealed class Result(Contamination check)
    {
        public Contamination Check => check;

        public long Samples { get; set; }

        public long Contaminated { get; set; }

        public List<ContaminationHit> Hits { get; } = [];
    }
}
