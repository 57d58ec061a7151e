using System.Text.Json;

namespace Caravan.Cli;

/// <summary>Shows what was measured.</summary>
internal static class BenchOutput
{
    /// <summary>Three tables for people.</summary>
    public static void Print(ReportPrinter printer, string path, BenchOptions options, BenchReport report)
    {
        List<string[]> rows = [];
        Add("prompt", options.Prompt, report.Prompt);
        Add("generate", options.Generate, report.Generate);
        printer.Table("Speed", ["", "tokens", "sequences", "depth", "tokens/s", "from", "to"], rows);
        printer.Pairs("Machine", Limits(report));
        printer.Pairs("Run",
        [
            ("model", path),
            ("keys and values", $"{report.KeyValueType}, {Quantity.Bytes(report.TokenBytes)} a token"),
            ("threads", $"{report.Threads} ({report.InstructionSet})"),
            ("runs", $"{options.Repeat}, after one to warm up"),
            ("load", Quantity.Time(report.Load)),
            ("first token", Quantity.Time(report.FirstToken)),
            ("weights", Quantity.Bytes(report.WeightBytes)),
            ("peak memory", $"{Quantity.Bytes(report.PeakBytes)}: {Quantity.Bytes(report.StepBytes)} of weights, {Quantity.Bytes(report.PageBytes)} of pages, {(report.StateBytes > 0 ? $"{Quantity.Bytes(report.StateBytes)} of states, " : "")}{Quantity.Bytes(report.OtherBytes)} more"),
        ]);

        void Add(string name, int tokens, IReadOnlyList<double> runs)
        {
            if (runs.Count == 0) return;
            rows.Add([name, $"{tokens}", $"{options.Batch}", $"{options.Depth}", Rate(BenchReport.Median(runs)), Rate(runs.Min()), Rate(runs.Max())]);
        }
    }

    private static IEnumerable<(string Name, string Value)> Limits(BenchReport report)
    {
        yield return ("memory", $"{Quantity.Bytes(report.ReadBytesPerSecond)}/s read by these threads");
        if (report.ReadShare is { } read)
            yield return ("generating", $"{Quantity.Bytes(report.WeightBytesPerSecond!.Value)}/s of weights, {read:0 %} of that");
        if (report.Alone is { } alone)
            yield return ("together", $"{report.RatioToAlone:0.00} times the {Rate(alone)} tokens/s of one sequence");
        if (report.LinearShare is { } share)
            yield return ("linear layers", $"{report.LinearOperationsPerSecond / 1e9:0} GFLOP/s by themselves; reading prompts reaches {share:0 %} of that");
        yield return ("parallel region", $"{report.RegionSeconds * 1e6:0.00} µs when empty");
    }

    private static string Rate(double value) => value < 100 ? $"{value:0.00}" : $"{value:0.0}";

    /// <summary>The fields of the document in docs/cli.md.</summary>
    public static void Write(Utf8JsonWriter document, string path, BenchOptions options, BenchReport report)
    {
        document.WriteString("model", path);
        WriteRates(document, "prompt", options.Prompt, report.Prompt, () => { });
        WriteRates(document, "generate", options.Generate, report.Generate, () =>
        {
            document.WriteOptional("weight_bytes_per_second", report.WeightBytesPerSecond);
            document.WriteOptional("one_sequence_tokens_per_second", report.Alone);
            document.WriteOptional("ratio_to_one_sequence", report.RatioToAlone);
        });
        document.WriteNumber("batch", options.Batch);
        document.WriteNumber("depth", options.Depth);
        document.WriteNumber("memory_bytes_per_second", report.ReadBytesPerSecond);
        document.WriteStartObject("machine");
        document.WriteNumber("read_bytes_per_second", report.ReadBytesPerSecond);
        document.WriteOptional("generate_share_of_read", report.ReadShare);
        document.WriteOptional("linear_operations_per_second", report.LinearOperationsPerSecond);
        document.WriteOptional("prompt_share_of_linear", report.LinearShare);
        document.WriteNumber("empty_region_seconds", report.RegionSeconds);
        document.WriteEndObject();
        document.WriteNumber("weight_bytes", report.WeightBytes);
        document.WriteString("kv_type", report.KeyValueType.ToString());
        document.WriteNumber("kv_bytes_per_token", report.TokenBytes);
        document.WriteNumber("threads", report.Threads);
        document.WriteString("instruction_set", report.InstructionSet.ToString());
        document.WriteNumber("load_seconds", report.Load.TotalSeconds);
        document.WriteNumber("first_token_seconds", report.FirstToken.TotalSeconds);
        document.WriteNumber("peak_bytes", report.PeakBytes);
        document.WriteStartObject("memory");
        document.WriteNumber("step_weight_bytes", report.StepBytes);
        document.WriteNumber("page_bytes", report.PageBytes);
        document.WriteNumber("state_bytes", report.StateBytes);
        document.WriteNumber("other_bytes", report.OtherBytes);
        document.WriteEndObject();
    }

    private static void WriteRates(Utf8JsonWriter document, string name, int tokens, IReadOnlyList<double> runs, Action more)
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
        more();
        document.WriteEndObject();
    }
}
