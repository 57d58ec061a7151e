using System.CommandLine;

namespace Caravan.Cli;

/// <summary>Measures speed, load time and memory.</summary>
internal sealed class BenchVerb : Verb
{
    private const int MostTokens = 1 << 24, MostSequences = 512, MostRuns = 1000;

    private readonly ModelFlags models = new();
    private readonly SyntheticFlags synthetic = new();
    private readonly Option<int?> prompt = Flag.Number<int>("--prompt", "N", "Tokens of each prompt (default 512); 0 measures no prompts.");
    private readonly Option<int?> generate = Flag.Number<int>("--generate", "N", "Tokens that each sequence generates (default 64); 0 measures no generation.");
    private readonly Option<int?> batch = Flag.Number<int>("--batch", "N", "Sequences computed together (default 1).");
    private readonly Option<int?> depth = Flag.Number<int>("--depth", "N", "Tokens that each sequence has behind it already (default 0).");
    private readonly Option<int?> repeat = Flag.Number<int>("--repeat", "N", "Measured runs, after one to warm up (default 3); their median is reported.");

    public override string Name => "bench";

    public override string Summary => "Measure a model's speed in reading prompts and generating, its load time and its memory.";

    public override string Example => "caravan bench --model model-q4_k.gguf --threads 2 --prompt 512 --generate 64";

    public override string? Notes =>
        "Without a model at hand, caravan bench --synthetic tinyllama-1.1b --type q4_k_m measures random weights of that shape. "
        + "bench/peers/compare.mjs in Caravan's repository measures the same file with llama.cpp and Caravan in turn.";

    protected override IEnumerable<Symbol> Symbols => [.. models.Place, .. synthetic.Symbols, prompt, generate, batch, depth, repeat, .. models.Computing, models.Repack, models.KeyValueType];

    protected override int Run(ParseResult parsed, Terminal terminal)
    {
        BenchOptions options = Options(parsed);
        using InterruptScope work = terminal.Interrupts.Begin();
        string path = synthetic.Make(parsed, models.FindPath(parsed), terminal, work.Token) ?? models.PathOf(parsed);
        using Benchmark benchmark = new(path, options, work.Token);
        BenchReport report = benchmark.Run();
        if (parsed.GetValue(Json)) terminal.WriteJson(document => BenchOutput.Write(document, path, options, report));
        else BenchOutput.Print(new ReportPrinter(terminal), path, options, report);
        return ExitCode.Success;
    }

    private BenchOptions Options(ParseResult parsed)
    {
        BenchOptions usual = new();
        BenchOptions options = new()
        {
            Threads = models.ThreadsOf(parsed),
            InstructionSet = models.InstructionSetOf(parsed),
            KeyValueType = models.KeyValueTypeOf(parsed),
            Prompt = Value(prompt, usual.Prompt, 0, MostTokens),
            Generate = Value(generate, usual.Generate, 0, MostTokens),
            Batch = Value(batch, usual.Batch, 1, MostSequences),
            Depth = Value(depth, usual.Depth, 0, MostTokens),
            Repeat = Value(repeat, usual.Repeat, 1, MostRuns),
            Repack = models.RepackOf(parsed),
        };
        return options is { Prompt: 0, Generate: 0 } ? throw new UsageException("--prompt 0 and --generate 0 leave nothing to measure.") : options;

        int Value(Option<int?> option, int absent, int least, int most)
        {
            int value = parsed.GetValue(option) ?? absent;
            return value >= least && value <= most ? value : throw new UsageException($"{option.Name} takes {least} to {most}, not {value}.");
        }
    }
}
