using System.Text.Json;

namespace Caravan.Cli;

/// <summary>Shows what was measured.</summary>
internal static class BenchOutput
{
    /// <summary>Two tables for people.</summary>
    public static void Print(ReportPrinter printer, string path, BenchOptions options, BenchReport report)
    {
        List<string[]> rows = [];
        Add("prompt", options.Prompt, report.Prompt);
        Add("generate", options.Generate, report.Generate);
        printer.Table("Speed", ["", "tokens", "sequences", "depth", "tokens/s", "from", "to"], rows);
        string reading = report.Generate.Count == 0
            ? $"by merely reading {Quantity.Bytes(report.MemoryBytesPerSecond)}"
            : $"generating {Quantity.Bytes(report.WeightBytesPerSecond(options.Batch))}, by merely reading {Quantity.Bytes(report.MemoryBytesPerSecond)}";
        printer.Pairs("Run",
        [
            ("model", path),
            ("weights", Quantity.Bytes(report.WeightBytes)),
            ("keys and values", $"{report.KeyValueType}, {Quantity.Bytes(report.TokenBytes)} a token"),
            ("read per second", reading),
            ("threads", $"{report.Threads} ({report.InstructionSet})"),
            ("runs", $"{options.Repeat}, after one to warm up"),
            ("load", Quantity.Time(report.Load)),
            ("first token", Quantity.Time(report.FirstToken)),
            ("peak memory", Quantity.Bytes(report.PeakBytes)),
        ]);

        void Add(string name, int tokens, IReadOnlyList<double> runs)
        {
            if (runs.Count == 0) return;
            rows.Add([name, $"{tokens}", $"{options.Batch}", $"{options.Depth}", Rate(BenchReport.Median(runs)), Rate(runs.Min()), Rate(runs.Max())]);
        }
    }

    private static string Rate(double value) => value < 100 ? $"{value:0.00}" : $"{value:0.0}";

    /// <summary>The fields of the document in docs/cli.md.</summary>
    public static void Write(Utf8JsonWriter document, string path, BenchOptions options, BenchReport report)
    {
        document.WriteString("model", path);
        WriteRates(document, "prompt", options.Prompt, report.Prompt, null);
        WriteRates(document, "generate", options.Generate, report.Generate, () => report.WeightBytesPerSecond(options.Batch));
        document.WriteNumber("batch", options.Batch);
        document.WriteNumber("depth", options.Depth);
        document.WriteNumber("memory_bytes_per_second", report.MemoryBytesPerSecond);
        document.WriteNumber("weight_bytes", report.WeightBytes);
        document.WriteString("kv_type", report.KeyValueType.ToString());
        document.WriteNumber("kv_bytes_per_token", report.TokenBytes);
        document.WriteNumber("threads", report.Threads);
        document.WriteString("instruction_set", report.InstructionSet.ToString());
        document.WriteNumber("load_seconds", report.Load.TotalSeconds);
        document.WriteNumber("first_token_seconds", report.FirstToken.TotalSeconds);
        document.WriteNumber("peak_bytes", report.PeakBytes);
    }

    private static void WriteRates(Utf8JsonWriter document, string name, int tokens, IReadOnlyList<double> runs, Func<double>? weightBytesPerSecond)
    {
        if (runs.Count == 0)
        {
            document.WriteNull(name);
            return;
        }

        document.WriteStartObject(name);
        document.WriteNumber("tokens", tokens);
        document.WriteNumber("tokens_per_second", BenchReport.Median(runs));
        document.WriteStartArray("runs");
        foreach (double run in runs) document.WriteNumberValue(run);
        document.WriteEndArray();
        if (weightBytesPerSecond is not null) document.WriteNumber("weight_bytes_per_second", weightBytesPerSecond());
        document.WriteEndObject();
    }
}
