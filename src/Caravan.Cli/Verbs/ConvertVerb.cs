using System.CommandLine;
using System.Text.Json;
using Caravan.Kernels;
using Caravan.Weights;
using Spectre.Console;

namespace Caravan.Cli;

/// <summary>Writes a model in another format or type.</summary>
internal sealed class ConvertVerb : Verb
{
    private readonly Argument<string> source = new("SOURCE") { Description = "A GGUF, safetensors, PyTorch or llama2.c file, or a Hugging Face folder." };
    private readonly Argument<string> target = new("TARGET") { Description = "The GGUF file or Hugging Face folder to write." };
    private readonly Option<string?> type = Flag.Text(
        "--type", "TYPE", $"The type of the matrices (default: each its own): {string.Join(", ", WeightTypes.Gguf.Select(WeightTypes.NameOf))}.");
    private readonly Option<string?> format = Flag.Text("--format", "gguf|safetensors", "What to write (default: gguf if TARGET ends in .gguf, else a safetensors folder).");
    private readonly Option<bool> overwrite = Flag.Switch("--overwrite", "Replace a model that is there already.");
    private readonly Option<string?> tokenizer = Flag.Text("--tokenizer", "PATH", "A tokenizer file or folder instead of the source's own.");
    private readonly Option<long?> shardBytes = Flag.Number<long>("--shard-bytes", "N", "Cut a folder's weights into files of about this size (default 5000000000).");
    private readonly Option<bool> dropScaling = Flag.Switch("--drop-rotary-scaling", "Leave out a scaling of long contexts that the target has no words for.");
    private readonly Option<int?> threads = Flag.Number<int>("--threads", "N", "Threads that encode (default: one for each processor).");

    public override string Name => "convert";

    public override string Summary => "Write a model in another format or type.";

    public override string Example => "caravan convert ./llama-2-7b-hf llama-2-7b-q4_k.gguf --type q4_k\ncaravan convert stories260K.bin ./stories260K-hf --type f16";

    protected override IEnumerable<Symbol> Symbols => [source, target, type, format, overwrite, tokenizer, shardBytes, dropScaling, threads];

    protected override int Run(ParseResult parsed, Terminal terminal)
    {
        (string from, string to) = (parsed.GetRequiredValue(source), parsed.GetRequiredValue(target));
        ConvertOptions options = Options(parsed);
        using InterruptScope work = terminal.Interrupts.Begin();
        try
        {
            ConvertReport report = terminal.ErrorIsTerminal
                ? WithProgress(terminal, progress => Converter.Convert(from, to, options, progress, work.Token))
                : Converter.Convert(from, to, options, cancellation: work.Token);
            if (parsed.GetValue(Json)) terminal.WriteJson(document => Write(document, report));
            else Print(terminal, report);
            return ExitCode.Success;
        }
        catch (OperationCanceledException)
        {
            terminal.Error.WriteLine($"caravan: Interrupted; nothing was written to '{to}'.");
            return terminal.Interrupts.ExitCode;
        }
    }

    private ConvertOptions Options(ParseResult parsed)
    {
        ConvertOptions usual = new();
        long shard = parsed.GetValue(shardBytes) ?? usual.MaxShardBytes;
        if (shard < 1) throw new UsageException($"--shard-bytes takes 1 or more, not {shard}.");
        int workers = parsed.GetValue(threads) ?? usual.Threads;
        if (workers is < 0 or > 1024) throw new UsageException($"--threads takes 1 to 1024, or 0 for one per processor, not {workers}.");
        return usual with
        {
            Type = TypeOf(parsed.GetValue(type)),
            Format = FormatOf(parsed.GetValue(format)),
            Overwrite = parsed.GetValue(overwrite),
            TokenizerPath = parsed.GetValue(tokenizer),
            MaxShardBytes = shard,
            DropRotaryScaling = parsed.GetValue(dropScaling),
            Threads = workers,
        };
    }

    private static DType? TypeOf(string? name)
    {
        try
        {
            return name is null ? null : WeightTypes.Parse(name);
        }
        catch (CaravanException exception)
        {
            throw new UsageException(exception.Message);
        }
    }

    private static ConvertFormat? FormatOf(string? name)
    {
        if (name is null) return null;
        string[] known = [.. Enum.GetNames<ConvertFormat>().Select(each => each.ToLowerInvariant())];
        return known.Contains(name.ToLowerInvariant())
            ? Enum.Parse<ConvertFormat>(name, ignoreCase: true)
            : throw new UsageException($"--format takes {string.Join(" or ", known)}, not '{name}'.{Suggestion.DidYouMean(name, known)}");
    }

    private static ConvertReport WithProgress(Terminal terminal, Func<IProgress<ConvertProgress>, ConvertReport> convert) =>
        Consoles.Over(terminal.Error, terminal).Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context => convert(new ProgressBar(context.AddTask("Converting", autoStart: true, maxValue: 1))));

    private static void Print(Terminal terminal, ConvertReport report)
    {
        string kind = report.Format == ConvertFormat.Gguf ? "a GGUF file" : "a Hugging Face folder";
        terminal.Output.WriteLine(
            $"Wrote '{report.Target}', {kind} of {Quantity.Of(report.Tensors, "tensor")} and {Quantity.Bytes(report.Bytes)}, in {Quantity.Time(report.Elapsed)}.");
        ReportPrinter printer = new(terminal);
        printer.Table("Types", ["type", "tensors"], report.Types.OrderByDescending(pair => pair.Value).Select(pair => (string[])[WeightTypes.NameOf(pair.Key), $"{pair.Value}"]));
        printer.Table("Left out", ["what", "why"], report.LeftOut.Select(omission => (string[])[omission.What, omission.Why]));
        foreach (string note in report.Notes) terminal.Output.WriteLine(note);
    }

    private static void Write(Utf8JsonWriter document, ConvertReport report)
    {
        document.WriteString("source", report.Source);
        document.WriteString("target", report.Target);
        document.WriteString("format", report.Format.ToString().ToLowerInvariant());
        document.WriteNumber("tensors", report.Tensors);
        document.WriteNumber("bytes", report.Bytes);
        document.WriteStartObject("types");
        foreach ((DType each, int count) in report.Types) document.WriteNumber(WeightTypes.NameOf(each), count);
        document.WriteEndObject();
        document.WriteStartArray("left_out");
        foreach (ConvertOmission omission in report.LeftOut)
        {
            document.WriteStartObject();
            document.WriteString("what", omission.What);
            document.WriteString("why", omission.Why);
            document.WriteEndObject();
        }

        document.WriteEndArray();
        document.WriteStrings("notes", report.Notes);
        document.WriteNumber("elapsed_seconds", report.Elapsed.TotalSeconds);
    }

    /// <summary>Moves the bar at once; the framework's own Progress would post to other threads, out of order.</summary>
    private sealed class ProgressBar(ProgressTask task) : IProgress<ConvertProgress>
    {
        public void Report(ConvertProgress value)
        {
            task.MaxValue = Math.Max(1, value.BytesTotal);
            task.Value = value.BytesDone;
        }
    }
}
