using System.CommandLine;
using System.Text.Json;
using Caravan.Text;
using Caravan.Training;

namespace Caravan.Cli;

/// <summary>Says what is in training data.</summary>
internal sealed class DataStatsVerb : Verb
{
    private const int BarWidth = 40;

    private readonly DataFlags data = new();
    private readonly ModelFlags models = new();
    private readonly Option<int?> context = Flag.Number<int>("--context", "N", "Also count the samples that are longer than this, in tokens (or words).");

    public override string? Group => "data";

    public override string Name => "stats";

    public override string Summary => "Say what is in training data: samples, lengths, roles, scripts, duplicates.";

    public override string Example => "caravan data stats train.jsonl\ncaravan data stats train.jsonl --model ./my-model --context 2048";

    public override string Notes => "Lengths are in words without a tokenizer, and in tokens of the texts alone, without what a chat template adds, with one.";

    protected override IEnumerable<Symbol> Symbols => [.. data.Symbols, models.Option, models.Tokenizer, context];

    protected override int Run(ParseResult parsed, Terminal terminal)
    {
        int? limit = parsed.GetValue(context);
        if (limit < 1) throw new UsageException($"--context takes 1 or more, not {limit}.");
        Tokenizer? tokenizer = models.TokenizerOf(parsed) is null && models.FindPath(parsed) is null ? null : TokenizerSource.Of(models, parsed).Open();
        using InterruptScope work = terminal.Interrupts.Begin();
        SampleFiles files = data.Open(parsed);
        Func<string, int> lengthOf = tokenizer is null ? text => Words.Count(text) : text => tokenizer.Encode(text, addSpecial: false).Length;
        DataStatistics statistics = terminal.WatchBytes(files.Bytes, progress => DataStatistics.Of(files, lengthOf, progress, work.Token));
        string unit = tokenizer is null ? "words" : "tokens";
        if (parsed.GetValue(Json)) terminal.WriteJson(document => Write(document, files, statistics, unit, limit));
        else Print(new ReportPrinter(terminal), files, statistics, unit, limit);
        return ExitCode.Success;
    }

    private static void Print(ReportPrinter printer, SampleFiles files, DataStatistics found, string unit, int? limit)
    {
        printer.Table("Files", ["file", "format", "size"], files.Files.Select(file => (string[])[file.Path, files.FormatOf(file.Path).Name, Quantity.Bytes(new FileInfo(file.Path).Length)]));
        List<(string, string)> pairs = [.. found.Kinds.Select(pair => (pair.Key, $"{pair.Value:N0}"))];
        pairs.Add((unit, $"{found.Samples.Total:N0}"));
        if (limit is { } most) pairs.Add(($"longer than {most} {unit}", $"{found.Samples.Above(most):N0}"));
        pairs.Add(("duplicates", $"{found.Duplicates:N0}"));
        pairs.Add(("empty", $"{found.Empty:N0}"));
        printer.Pairs("Samples", pairs);
        printer.Table($"Length in {unit}", ["of", "texts", "mean", "median", "90 %", "99 %", "longest"],
            [Row("samples", found.Samples), .. found.Parts.Select(part => Row(part.Key, part.Value))]);
        long highest = Math.Max(1, found.Samples.Histogram().Select(bar => bar.Count).DefaultIfEmpty().Max());
        printer.Table("Samples by length", [$"up to {unit}", "samples", ""], found.Samples.Histogram()
            .Select(bar => (string[])[$"{bar.UpTo:N0}", $"{bar.Count:N0}", new string('#', (int)Math.Ceiling(bar.Count * (double)BarWidth / highest))]));
        printer.Table("Samples by script", ["script", "samples"], found.Scripts.OrderByDescending(pair => pair.Value).Select(pair => (string[])[pair.Key, $"{pair.Value:N0}"]));
    }

    private static string[] Row(string name, LengthCounts lengths) =>
        [name, $"{lengths.Count:N0}", $"{lengths.Mean:N1}", $"{lengths.Percentile(0.5):N0}", $"{lengths.Percentile(0.9):N0}", $"{lengths.Percentile(0.99):N0}", $"{lengths.Longest:N0}"];

    private static void Write(Utf8JsonWriter document, SampleFiles files, DataStatistics found, string unit, int? limit)
    {
        document.WriteStartArray("files");
        foreach (DataFile file in files.Files)
        {
            document.WriteStartObject();
            document.WriteString("file", file.Path);
            document.WriteString("format", files.FormatOf(file.Path).Name);
            document.WriteNumber("bytes", new FileInfo(file.Path).Length);
            document.WriteEndObject();
        }

        document.WriteEndArray();
        document.WriteString("unit", unit);
        document.WriteNumber("samples", found.Samples.Count);
        document.WriteCounts("kinds", found.Kinds);
        document.WriteStartObject("length");
        WriteLengths(document, found.Samples);
        document.WriteEndObject();
        document.WriteStartArray("parts");
        foreach ((string part, LengthCounts lengths) in found.Parts)
        {
            document.WriteStartObject();
            document.WriteString("part", part);
            document.WriteNumber("texts", lengths.Count);
            WriteLengths(document, lengths);
            document.WriteEndObject();
        }

        document.WriteEndArray();
        document.WriteStartArray("histogram");
        foreach ((int upTo, long count) in found.Samples.Histogram())
        {
            document.WriteStartObject();
            document.WriteNumber("up_to", upTo);
            document.WriteNumber("samples", count);
            document.WriteEndObject();
        }

        document.WriteEndArray();
        document.WriteCounts("scripts", found.Scripts);
        document.WriteNumber("duplicates", found.Duplicates);
        document.WriteNumber("empty", found.Empty);
        document.WriteOptional("longer_than_context", limit is { } most ? found.Samples.Above(most) : (double?)null);
    }

    private static void WriteLengths(Utf8JsonWriter document, LengthCounts lengths)
    {
        document.WriteNumber("total", lengths.Total);
        document.WriteNumber("mean", lengths.Mean);
        document.WriteNumber("median", lengths.Percentile(0.5));
        document.WriteNumber("percentile_90", lengths.Percentile(0.9));
        document.WriteNumber("percentile_99", lengths.Percentile(0.99));
        document.WriteNumber("longest", lengths.Longest);
    }
}
