using System.CommandLine;
using System.Diagnostics;
using Caravan.Kernels;
using Caravan.Models;
using Caravan.Tensors;
using Caravan.Training;

namespace Caravan.Cli;

/// <summary>Measures how well a model predicts what training would learn from data.</summary>
internal sealed class EvalLossVerb : Verb
{
    private readonly DataFlags data = new();
    private readonly ModelFlags models = new();
    private readonly Option<int?> context = Flag.Number<int>("--context", "TOKENS", "Tokens of the longest sample; texts are cut into pieces of so many (default: what the model was trained for, at most 2048).");

    public override string? Group => "eval";

    public override string Name => "loss";

    public override string Summary => "Measure how well a model predicts training data: whole texts, the answers of conversations.";

    public override string Example => "caravan eval loss held-out.jsonl --model my-model\ncaravan eval loss held-out.jsonl --model base.gguf --adapter ./my-lora";

    protected override IEnumerable<Symbol> Symbols => [.. data.Symbols, models.Option, models.Adapter, context, .. models.Loading, .. models.Computing];

    protected override int Run(ParseResult parsed, Terminal terminal)
    {
        string path = models.PathOf(parsed);
        if (parsed.GetValue(context) is < 2 and var few) throw new UsageException($"--context takes 2 tokens or more, not {few}.");
        using InterruptScope work = terminal.Interrupts.Begin();
        SampleFiles files = data.Open(parsed);
        using Model model = models.Load(parsed);
        using Device device = new(models.ThreadsOf(parsed), models.InstructionSetOf(parsed), ActivationPrecision.Exact);
        TrainingTextOptions options = new() { Context = parsed.GetValue(context) ?? Math.Min(model.Spec.ContextLength, 2048) };
        model.RequirePositions(options.Context);
        long start = Stopwatch.GetTimestamp();
        DataLoss loss = terminal.WatchBytes(files.Bytes, progress =>
            DataLoss.Measure(model, model.SlotOf(models.AdapterOf(parsed, model)), device, files.Samples(progress, work.Token), options));
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        if (!parsed.GetValue(Json))
        {
            new ReportPrinter(terminal).Pairs("Loss",
            [
                ("loss", $"{loss.Loss:0.00000} nats per token"), ("perplexity", $"{Math.Exp(loss.Loss):0.0000}"), ("samples", $"{loss.Samples:N0}"),
                ("predicted", Quantity.Of(loss.Tokens, "token")), ("time", Quantity.Time(elapsed)),
            ]);
            return ExitCode.Success;
        }

        terminal.WriteJson(document =>
        {
            document.WriteString("model", path);
            document.WriteNumber("samples", loss.Samples);
            document.WriteNumber("tokens", loss.Tokens);
            document.WriteNumber("nll", loss.NegativeLogLikelihood);
            document.WriteNumber("loss", loss.Loss);
            document.WriteNumber("elapsed_seconds", elapsed.TotalSeconds);
        });
        return ExitCode.Success;
    }
}
