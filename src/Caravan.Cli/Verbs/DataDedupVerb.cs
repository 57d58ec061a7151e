using System.CommandLine;
using System.Diagnostics;
using Caravan.Training;

namespace Caravan.Cli;

/// <summary>Leaves out samples that are nearly the same as earlier ones.</summary>
internal sealed class DataDedupVerb : Verb
{
    private const int MostListed = 1000, MostShown = 10;
    private const double UsualThreshold = 0.8;

    private readonly DataFlags data = new();
    private readonly Option<double?> threshold = Flag.Number<double>("--threshold", "S", $"The share of common shingles (Jaccard) from which on a sample is a duplicate, up to 1 (default {UsualThreshold}).");
    private readonly Option<int?> shingle = Flag.Number<int>("--shingle", "N", "Words of a shingle, or characters with --characters (default 5, or 9).");
    private readonly Option<bool> characters = Flag.Switch("--characters", "Make shingles of characters instead of words.");
    private readonly Option<string?> output = Flag.Text("--output", "FILE", "The JSON Lines file for what is kept, packed when it ends in .gz (default: only say what would be left out).");

    public override string? Group => "data";

    public override string Name => "dedup";

    public override string Summary => "Leave out samples that are nearly the same as earlier ones.";

    public override string Example => "caravan data dedup train.jsonl --output unique.jsonl\ncaravan data dedup train.jsonl --threshold 0.6 --json";

    public override string Notes => "Candidates come from MinHash signatures in bands and are compared exactly; the first of several stays. Shingles of all that is kept are in memory.";

    protected override IEnumerable<Symbol> Symbols => [.. data.Symbols, threshold, shingle, characters, output];

    protected override int Run(ParseResult parsed, Terminal terminal)
    {
        bool byCharacter = parsed.GetValue(characters);
        double least = parsed.GetValue(threshold) ?? UsualThreshold;
        if (least is not (> 0 and <= 1)) throw new UsageException($"--threshold takes more than 0 and up to 1, not {least}.");
        int size = parsed.GetValue(shingle) ?? (byCharacter ? 9 : 5);
        if (size < 1) throw new UsageException($"--shingle takes 1 or more, not {size}.");
        string? path = parsed.GetValue(output);
        using InterruptScope work = terminal.Interrupts.Begin();
        SampleFiles files = data.Open(parsed);
        long start = Stopwatch.GetTimestamp();
        using SampleWriter? writer = path is null ? null : new SampleWriter(path);
        Result result = new(new NearDuplicates(new Shingles(size, byCharacter), least));
        terminal.WatchBytes(files.Bytes, progress => Separate(files, result, writer, progress, work.Token));
        writer?.Commit();
        Report(parsed, terminal, result, least, path, Stopwatch.GetElapsedTime(start));
        return ExitCode.Success;
    }

    private static long Separate(SampleFiles files, Result result, SampleWriter? writer, Action<long>? progress, CancellationToken cancellation)
    {
        foreach (DataRecord record in files.Records(progress, cancellation))
        {
            result.Samples++;
            if (result.Duplicates.Add(files.Read(record)) is not var (earlier, similarity)) writer?.Write(record);
            else if (++result.Removed <= MostListed) result.Pairs.Add((record.Origin, earlier, similarity));
        }

        return result.Samples;
    }

    private void Report(ParseResult parsed, Terminal terminal, Result result, double least, string? path, TimeSpan elapsed)
    {
        if (!parsed.GetValue(Json))
        {
            new ReportPrinter(terminal).Table("Duplicates", ["sample", "is like", "similarity"],
                result.Pairs.Take(MostShown).Select(pair => (string[])[$"{pair.Duplicate}", $"{pair.Of}", $"{pair.Similarity:0.000}"]));
            terminal.Output.WriteLine(
                $"{(path is null ? "There are" : $"Wrote '{path}':")} {Quantity.Of(result.Samples - result.Removed, "sample")} of {result.Samples:N0}; {Quantity.Of(result.Removed, "duplicate")}, in {Quantity.Time(elapsed)}.");
            return;
        }

        terminal.WriteJson(document =>
        {
            document.WriteString("output", path);
            document.WriteNumber("samples", result.Samples);
            document.WriteNumber("kept", result.Samples - result.Removed);
            document.WriteNumber("removed", result.Removed);
            document.WriteNumber("threshold", least);
            document.WriteNumber("found_at_threshold", result.Duplicates.Found(least));
            document.WriteStartArray("duplicates");
            foreach ((Origin duplicate, Origin of, double similarity) in result.Pairs)
            {
                document.WriteStartObject();
                document.WriteOrigin("sample", duplicate);
                document.WriteOrigin("like", of);
                document.WriteNumber("similarity", similarity);
                document.WriteEndObject();
            }

            document.WriteEndArray();
            document.WriteNumber("elapsed_seconds", elapsed.TotalSeconds);
        });
    }

    private sealed class Result(NearDuplicates duplicates)
    {
        public NearDuplicates Duplicates => duplicates;

        public long Samples { get; set; }

        public long Removed { get; set; }

        public List<(Origin Duplicate, Origin Of, double Similarity)> Pairs { get; } = [];
    }
}
