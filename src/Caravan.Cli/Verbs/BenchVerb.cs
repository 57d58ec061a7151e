using System.CommandLine;
using System.Text.Json;
using Caravan.Formats;
using Spectre.Console;

namespace Caravan.Cli;

/// <summary>Measures speed, load time and memory.</summary>
internal sealed class BenchVerb : Verb
{
    private const int MostTokens = 1 << 24, MostSequences = 512, MostRuns = 1000;

    private readonly ModelFlags models = new();
    private readonly Option<string?> synthetic = Flag.Text("--synthetic", SyntheticShapes.Names, "Measure random weights of this shape instead of a model.");
    private readonly Option<string?> type = Flag.Text(
        "--type", "TYPE", $"With --synthetic: the type of its weights (default q4_0): {string.Join(", ", SyntheticType.All.Select(each => each.Name))}.");
    private readonly Option<string?> save = Flag.Text("--save", "FILE", "With --synthetic: keep the model in this GGUF file instead of the system's temporary folder.");
    private readonly Option<int?> prompt = Flag.Number<int>("--prompt", "N", "Tokens of each prompt (default 512); 0 measures no prompts.");
    private readonly Option<int?> generate = Flag.Number<int>("--generate", "N", "Tokens that each sequence generates (default 64); 0 measures no generation.");
    private readonly Option<int?> batch = Flag.Number<int>("--batch", "N", "Sequences computed together (default 1).");
    private readonly Option<int?> depth = Flag.Number<int>("--depth", "N", "Tokens that each sequence has behind it already (default 0).");
    private readonly Option<int?> repeat = Flag.Number<int>("--repeat", "N", "Measured runs, after one to warm up (default 3); their median is reported.");

    public override string Name => "bench";

    public override string Summary => "Measure a model's speed in reading prompts and generating, its load time and its memory.";

    public override string Example =>
        "caravan bench --model model-q4_k.gguf --threads 2 --prompt 512 --generate 64\n"
        + "caravan bench --synthetic tinyllama-1.1b --type q4_k_m --threads 2 --save tinyllama-q4_k_m.gguf";

    public override string? Notes => "bench/peers/compare.mjs in Caravan's repository measures the same file with llama.cpp and Caravan in turn.";

    protected override IEnumerable<Symbol> Symbols => [.. models.Place, synthetic, type, save, prompt, generate, batch, depth, repeat, models.Threads];

    protected override int Run(ParseResult parsed, Terminal terminal)
    {
        BenchOptions options = Options(parsed);
        using InterruptScope work = terminal.Interrupts.Begin();
        string path = PathOf(parsed, terminal, work.Token);
        using Benchmark benchmark = new(path, options, work.Token);
        BenchReport report = benchmark.Run();
        if (parsed.GetValue(Json)) terminal.WriteJson(document => Write(document, path, options, report));
        else Print(new ReportPrinter(terminal), path, options, report);
        return ExitCode.Success;
    }

    private BenchOptions Options(ParseResult parsed)
    {
        BenchOptions usual = new();
        BenchOptions options = new()
        {
            Threads = models.ThreadsOf(parsed),
            Prompt = Value(prompt, usual.Prompt, 0, MostTokens),
            Generate = Value(generate, usual.Generate, 0, MostTokens),
            Batch = Value(batch, usual.Batch, 1, MostSequences),
            Depth = Value(depth, usual.Depth, 0, MostTokens),
            Repeat = Value(repeat, usual.Repeat, 1, MostRuns),
        };
        return options is { Prompt: 0, Generate: 0 } ? throw new UsageException("--prompt 0 and --generate 0 leave nothing to measure.") : options;

        int Value(Option<int?> option, int absent, int least, int most)
        {
            int value = parsed.GetValue(option) ?? absent;
            return value >= least && value <= most ? value : throw new UsageException($"{option.Name} takes {least} to {most}, not {value}.");
        }
    }

    /// <summary>The file to measure; a synthetic one is made when it is not there yet.</summary>
    private string PathOf(ParseResult parsed, Terminal terminal, CancellationToken cancellation)
    {
        if (parsed.GetValue(synthetic) is not { } shape)
        {
            foreach (Option<string?> option in new[] { type, save })
                if (parsed.GetValue(option) is not null) throw new UsageException($"{option.Name} is for models of random weights; name a shape with --synthetic.");
            return models.PathOf(parsed);
        }

        if (models.FindPath(parsed) is { } model) throw new UsageException($"--synthetic makes a model of its own; leave out '{model}' or --synthetic.");
        SyntheticModel made = new(SyntheticShapes.Parse(shape), SyntheticType.Parse(parsed.GetValue(type) ?? "q4_0"));
        string path = parsed.GetValue(save) ?? made.UsualPath;
        if (made.IsAt(path)) return path;
        if (parsed.GetValue(save) is not null && File.Exists(path))
            throw new CaravanException($"'{path}' is there already, and it is not this synthetic model; give another --save or delete it.");
        if (parsed.GetValue(save) is null) CreateFolder(path);
        if (!terminal.ErrorIsTerminal) made.Write(path, new WriteOptions { Cancellation = cancellation });
        else WithProgress(terminal, path, report => made.Write(path, new WriteOptions { Cancellation = cancellation, Progress = report }));
        return path;
    }

    private static void CreateFolder(string path)
    {
        string folder = Path.GetDirectoryName(path)!;
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CaravanException($"The folder '{folder}' for synthetic models cannot be made: {exception.Message} Say where the model may go with --save.", exception);
        }
    }

    private static void WithProgress(Terminal terminal, string path, Action<Action<long, long>> write) =>
        Consoles.Over(terminal.Error, terminal).Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context =>
            {
                ProgressTask task = context.AddTask($"Making {Markup.Escape(Path.GetFileName(path))}", autoStart: true, maxValue: 1);
                write((done, total) => (task.MaxValue, task.Value) = (Math.Max(1, total), done));
            });

    private static void Print(ReportPrinter printer, string path, BenchOptions options, BenchReport report)
    {
        List<string[]> rows = [];
        Add("prompt", options.Prompt, report.Prompt);
        Add("generate", options.Generate, report.Generate);
        printer.Table("Speed", ["", "tokens", "sequences", "depth", "tokens/s", "from", "to"], rows);
        printer.Pairs("Run",
        [
            ("model", path),
            ("weights", Quantity.Bytes(report.WeightBytes)),
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

    private static void Write(Utf8JsonWriter document, string path, BenchOptions options, BenchReport report)
    {
        document.WriteString("model", path);
        WriteRates(document, "prompt", options.Prompt, report.Prompt);
        WriteRates(document, "generate", options.Generate, report.Generate);
        document.WriteNumber("batch", options.Batch);
        document.WriteNumber("depth", options.Depth);
        document.WriteNumber("weight_bytes", report.WeightBytes);
        document.WriteNumber("threads", report.Threads);
        document.WriteString("instruction_set", report.InstructionSet.ToString());
        document.WriteNumber("load_seconds", report.Load.TotalSeconds);
        document.WriteNumber("first_token_seconds", report.FirstToken.TotalSeconds);
        document.WriteNumber("peak_bytes", report.PeakBytes);
    }

    private static void WriteRates(Utf8JsonWriter document, string name, int tokens, IReadOnlyList<double> runs)
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
        document.WriteEndObject();
    }
}
