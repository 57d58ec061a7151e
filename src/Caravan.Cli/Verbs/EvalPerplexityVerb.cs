using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Caravan.Kernels;
using Caravan.Models;
using Caravan.Weights;

namespace Caravan.Cli;

/// <summary>Measures how well a model predicts a text.</summary>
internal sealed class EvalPerplexityVerb : Verb
{
    private readonly Argument<string> file = new("FILE") { Description = "The text, in UTF-8, every byte of it; '-' reads it from standard input." };
    private readonly ModelFlags models = new();
    private readonly Option<int?> context = Flag.Number<int>(
        "--context", "TOKENS", $"Tokens that see each other (default {TextOptions.UsualContext}, or what the model was trained for if that is less).");
    private readonly Option<int?> stride = Flag.Number<int>(
        "--stride", "TOKENS", "Tokens from one window to the next (default: half of --context); as many as --context has means no overlap.");
    private readonly Option<bool> exact = Flag.Switch("--exact", "Do not round activations to 8 bits where they meet quantized weights; slower.");

    public override string? Group => "eval";

    public override string Name => "perplexity";

    public override string Summary => "Measure how well a model predicts a text.";

    public override string Example => "caravan eval perplexity wiki.test.raw --model model-q4_k_m.gguf --context 512 --stride 256";

    protected override IEnumerable<Symbol> Symbols => [file, models.Option, context, stride, exact, .. models.Loading, .. models.Computing];

    protected override int Run(ParseResult parsed, Terminal terminal)
    {
        string path = parsed.GetRequiredValue(file), from = models.PathOf(parsed);
        TextOptions options = Options(parsed) with { Name = path == "-" ? "Standard input" : $"'{path}'" };
        using InterruptScope work = terminal.Interrupts.Begin();
        string text = path == "-" ? terminal.Input.ReadToEnd() : TextFlags.ReadFile(path);
        using Model model = models.Load(parsed);
        long start = Stopwatch.GetTimestamp();
        TextLoss loss = terminal.Watch<TextProgress, TextLoss>(
            "Reading", value => (value.Done, value.Total), progress => PerplexityRun.Measure(model, text, options, progress, work.Token));
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        if (parsed.GetValue(Json)) terminal.WriteJson(document => Write(document, from, path, loss, elapsed));
        else Print(terminal, loss, elapsed);
        return ExitCode.Success;
    }

    private TextOptions Options(ParseResult parsed)
    {
        (int? size, int? step) = (parsed.GetValue(context), parsed.GetValue(stride));
        if (size < 2) throw new UsageException($"--context takes 2 tokens or more, not {size}.");
        if (step < 1) throw new UsageException($"--stride takes 1 token or more, not {step}.");
        if (step > size) throw new UsageException($"--stride {step} would leave tokens out between windows of --context {size}; give {size} or less.");
        return new TextOptions
        {
            Context = size,
            Stride = step,
            Threads = models.ThreadsOf(parsed),
            InstructionSet = models.InstructionSetOf(parsed),
            Precision = parsed.GetValue(exact) ? ActivationPrecision.Exact : ActivationPrecision.Int8,
        };
    }

    private static void Print(Terminal terminal, TextLoss loss, TimeSpan elapsed) => new ReportPrinter(terminal).Pairs("Perplexity",
    [
        ("perplexity", $"{loss.Perplexity:0.0000}{(loss.StandardError is { } error ? $" ± {error:0.0000}" : "")}"),
        ("per token", $"{loss.NegativeLogLikelihood / loss.Tokens:0.00000} nats"),
        ("per byte", loss.BitsPerByte is { } bits ? $"{bits:0.00000} bits" : "unknown"),
        ("predicted", $"{Quantity.Of(loss.Tokens, "token")}, {Quantity.Of(loss.Bytes, "byte")}"),
        ("windows", $"{loss.Windows:N0} of {Quantity.Of(loss.Context, "token")}, a new one every {loss.Stride:N0}"),
        ("time", Quantity.Time(elapsed)),
    ]);

    private static void Write(Utf8JsonWriter document, string model, string text, TextLoss loss, TimeSpan elapsed)
    {
        document.WriteString("model", model);
        document.WriteString("text", text);
        document.WriteNumber("tokens", loss.Tokens);
        document.WriteNumber("bytes", loss.Bytes);
        document.WriteNumber("nll", loss.NegativeLogLikelihood);
        document.WriteOptional("perplexity", loss.Perplexity);
        document.WriteOptional("perplexity_standard_error", loss.StandardError);
        document.WriteOptional("bits_per_byte", loss.BitsPerByte);
        document.WriteNumber("windows", loss.Windows);
        document.WriteNumber("context", loss.Context);
        document.WriteNumber("stride", loss.Stride);
        document.WriteNumber("elapsed_seconds", elapsed.TotalSeconds);
    }
}
