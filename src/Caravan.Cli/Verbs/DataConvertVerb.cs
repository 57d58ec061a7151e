using System.CommandLine;
using System.Diagnostics;
using Caravan.Training;

namespace Caravan.Cli;

/// <summary>Writes training data in another format.</summary>
internal sealed class DataConvertVerb : Verb
{
    private readonly DataFlags data = new();
    private readonly Option<string?> target = Flag.Text("--to", "NAME", $"The format to write: {string.Join(", ", SampleFormats.All.Select(format => format.Name))}.");
    private readonly Option<string?> output = Flag.Text("--output", "FILE", "The JSON Lines file to write; packed when it ends in .gz.");

    public override string? Group => "data";

    public override string Name => "convert";

    public override string Summary => "Write training data in another format.";

    public override string Example => "caravan data convert alpaca.json --to messages --output train.jsonl\ncaravan data convert table.csv --format text --to text --output texts.jsonl.gz";

    public override string Notes => string.Join('\n', SampleFormats.All.Select(format => $"{format.Name}: {format.Fields}"));

    protected override IEnumerable<Symbol> Symbols => [.. data.Symbols, target, output];

    protected override int Run(ParseResult parsed, Terminal terminal)
    {
        SampleFormat format = DataFlags.FormatOf(parsed.GetValue(target) ?? throw new UsageException("Say with --to NAME which format is to be written."));
        string path = parsed.GetValue(output) ?? throw new UsageException("Say with --output FILE where the data is to be written.");
        using InterruptScope work = terminal.Interrupts.Begin();
        SampleFiles files = data.Open(parsed);
        long start = Stopwatch.GetTimestamp(), samples = 0;
        using SampleWriter writer = new(path);
        terminal.WatchBytes(files.Bytes, progress =>
        {
            foreach (Sample sample in files.Samples(progress, work.Token))
            {
                writer.Write(sample, format);
                samples++;
            }

            return samples;
        });
        writer.Commit();
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        if (!parsed.GetValue(Json))
        {
            terminal.Output.WriteLine($"Wrote '{path}': {Quantity.Of(writer.Count, "record")} of {Quantity.Of(samples, "sample")} as {format.Name}, in {Quantity.Time(elapsed)}.");
            return ExitCode.Success;
        }

        terminal.WriteJson(document =>
        {
            document.WriteString("output", path);
            document.WriteString("format", format.Name);
            document.WriteNumber("samples", samples);
            document.WriteNumber("records", writer.Count);
            document.WriteNumber("elapsed_seconds", elapsed.TotalSeconds);
        });
        return ExitCode.Success;
    }
}
