using System.CommandLine;
using System.Text.Json;
using Caravan.Models;
using Caravan.Weights;

namespace Caravan.Cli;

/// <summary>Makes a model smaller.</summary>
internal sealed class QuantizeVerb : Verb
{
    private const string UsualMix = "q4_k_m";

    private readonly Argument<string> source = new("SOURCE") { Description = "A GGUF, safetensors, PyTorch or llama2.c file, or a Hugging Face folder." };
    private readonly Argument<string> target = new("TARGET") { Description = "The GGUF file to write." };
    private readonly Option<string?> type = Flag.Text(
        "--type", "MIX", $"Which types the matrices get, as in llama-quantize (default {UsualMix}): {string.Join(", ", QuantizationMix.All.Select(mix => mix.Name))}.");
    private readonly Option<bool> pure = Flag.Switch("--pure", "One type for every matrix, token embedding and head too.");
    private readonly Option<string?> importance = Flag.Text(
        "--imatrix", "FILE", "Let errors be small where inputs are large: a file of llama-imatrix, or a text that the source model reads first.");
    private readonly Option<string?> save = Flag.Text("--save-imatrix", "FILE", "Keep what was found out from a text, for next time and for llama-quantize.");
    private readonly Option<int?> chunks = Flag.Number<int>("--chunks", "N", "Most windows of 512 tokens to read of each text (default: all).");
    private readonly Option<string?> compare = Flag.Text("--compare", "FILE", "Let both models read a text, and say what was lost.");
    private readonly Option<bool> overwrite = Flag.Switch("--overwrite", "Replace a model that is there already.");
    private readonly Option<string?> tokenizer = Flag.Text("--tokenizer", "PATH", "A tokenizer file or folder instead of the source's own.");
    private readonly Option<int?> threads = Flag.Number<int>("--threads", "N", "Threads that share the work (default: one for each physical core).");

    public override string Name => "quantize";

    public override string Summary => "Make a model smaller: types of 2 to 8 bits, chosen for each matrix.";

    public override string Example =>
        "caravan quantize ./llama-2-7b-hf llama-2-7b-q4_k_m.gguf --type q4_k_m\n" +
        "caravan quantize llama-2-7b-f16.gguf llama-2-7b-iq4_xs.gguf --type iq4_xs --imatrix text.txt --compare other-text.txt";

    protected override IEnumerable<Symbol> Symbols => [source, target, type, pure, importance, save, chunks, compare, overwrite, tokenizer, threads];

    protected override int Run(ParseResult parsed, Terminal terminal)
    {
        (string from, string to) = (parsed.ModelPath(parsed.GetRequiredValue(source)), parsed.GetRequiredValue(target));
        QuantizeOptions options = Options(parsed);
        TextOptions reading = new() { Threads = options.Threads, MaxWindows = Chunks(parsed) };
        using InterruptScope work = terminal.Interrupts.Begin();
        bool written = false;
        try
        {
            Quantizer.Check(from, to, options);
            string? text = parsed.GetValue(compare) is { } path ? TextFlags.ReadFile(path) : null;
            options = options with { Importance = Importance(parsed, terminal, reading, work.Token) };
            ConvertReport report = terminal.Watch<ConvertProgress, ConvertReport>(
                "Quantizing", value => (value.BytesDone, value.BytesTotal), progress => Quantizer.Quantize(from, to, options, progress, work.Token));
            written = true;
            QuantizationLoss? loss = text is null ? null : Compare(parsed, terminal, text, reading with { Name = $"'{parsed.GetValue(compare)}'" }, work.Token);
            if (parsed.GetValue(Json)) terminal.WriteJson(document => Write(document, report, options, loss));
            else Print(terminal, report, loss);
            return ExitCode.Success;
        }
        catch (OperationCanceledException)
        {
            terminal.Error.WriteLine(written
                ? $"caravan: Interrupted; '{to}' is complete, and was not compared."
                : $"caravan: Interrupted; nothing was written to '{to}'.");
            return terminal.Interrupts.ExitCode;
        }
    }

    private QuantizeOptions Options(ParseResult parsed)
    {
        int workers = parsed.GetValue(threads) ?? 0;
        if (workers is < 0 or > 1024) throw new UsageException($"--threads takes 1 to 1024, or 0 for one per physical core, not {workers}.");
        if (parsed.GetValue(save) is not null && parsed.GetValue(importance) is null)
            throw new UsageException("--save-imatrix keeps what --imatrix TEXT finds out; give that too.");
        return new QuantizeOptions
        {
            Mix = MixOf(parsed.GetValue(type) ?? UsualMix, parsed.GetValue(pure)),
            Threads = workers,
            Overwrite = parsed.GetValue(overwrite),
            TokenizerPath = parsed.ModelPath(parsed.GetValue(tokenizer)),
        };
    }

    private static QuantizationMix MixOf(string name, bool pure)
    {
        try
        {
            QuantizationMix mix = QuantizationMix.Parse(name);
            return pure ? mix.Pure() : mix;
        }
        catch (CaravanException exception)
        {
            throw new UsageException(exception.Message);
        }
    }

    private int Chunks(ParseResult parsed)
    {
        int count = parsed.GetValue(chunks) ?? 0;
        return count >= 0 ? count : throw new UsageException($"--chunks takes 1 or more, or 0 for all, not {count}.");
    }

    private ImportanceMatrix? Importance(ParseResult parsed, Terminal terminal, TextOptions reading, CancellationToken cancellation)
    {
        if (parsed.GetValue(importance) is not { } path) return null;
        if (ImportanceMatrix.Recognises(path))
        {
            if (parsed.GetValue(save) is null) return ImportanceMatrix.Load(path);
            throw new UsageException($"'{path}' is an importance matrix already; leave --save-imatrix out, or give a text.");
        }

        string text = TextFlags.ReadFile(path);
        using Model model = Load(parsed.ModelPath(parsed.GetRequiredValue(source)), parsed);
        ImportanceMatrix matrix = terminal.Watch<TextProgress, ImportanceMatrix>(
            "Reading", value => (value.Done, value.Total), progress => ImportanceMatrix.Collect(model, text, Path.GetFileName(path), reading with { Name = $"'{path}'" }, progress, cancellation));
        if (parsed.GetValue(save) is { } kept) matrix.Save(kept);
        return matrix;
    }

    private QuantizationLoss Compare(ParseResult parsed, Terminal terminal, string text, TextOptions reading, CancellationToken cancellation)
    {
        using Model original = Load(parsed.ModelPath(parsed.GetRequiredValue(source)), parsed), quantized = Load(parsed.GetRequiredValue(target), parsed);
        return terminal.Watch<TextProgress, QuantizationLoss>(
            "Comparing", value => (value.Done, value.Total), progress => ModelComparison.Compare(original, quantized, text, reading, progress, cancellation));
    }

    private Model Load(string path, ParseResult parsed) => Model.Load(path, new ModelOptions { TokenizerPath = parsed.ModelPath(parsed.GetValue(tokenizer)) });

    private static void Print(Terminal terminal, ConvertReport report, QuantizationLoss? loss)
    {
        terminal.PrintConversion(report);
        if (loss is null) return;
        new ReportPrinter(terminal).Pairs($"Compared over {Quantity.Of(loss.Tokens, "token")}",
        [
            ("perplexity of the source", $"{loss.OriginalPerplexity:0.0000}"),
            ("perplexity of the target", $"{loss.QuantizedPerplexity:0.0000} ({(loss.QuantizedPerplexity / loss.OriginalPerplexity) - 1:+0.00 %;-0.00 %})"),
            ("mean KL divergence", $"{loss.MeanDivergence:0.000000} nats"),
            ("largest KL divergence", $"{loss.LargestDivergence:0.0000} nats"),
            ("same most probable token", $"{loss.SameTopToken:0.00 %}"),
        ]);
    }

    private static void Write(Utf8JsonWriter document, ConvertReport report, QuantizeOptions options, QuantizationLoss? loss)
    {
        document.WriteString("mix", options.Mix.Name);
        document.WriteConversion(report);
        WriteImportance(document, options.Importance);
        if (loss is null)
        {
            document.WriteNull("comparison");
            return;
        }

        document.WriteStartObject("comparison");
        document.WriteNumber("tokens", loss.Tokens);
        document.WriteOptional("source_perplexity", loss.OriginalPerplexity);
        document.WriteOptional("target_perplexity", loss.QuantizedPerplexity);
        document.WriteOptional("mean_divergence", loss.MeanDivergence);
        document.WriteOptional("largest_divergence", loss.LargestDivergence);
        document.WriteOptional("same_top_token", loss.SameTopToken);
        document.WriteEndObject();
    }

    private static void WriteImportance(Utf8JsonWriter document, ImportanceMatrix? matrix)
    {
        if (matrix is null)
        {
            document.WriteNull("importance");
            return;
        }

        document.WriteStartObject("importance");
        document.WriteStrings("datasets", matrix.Datasets);
        document.WriteNumber("chunks", matrix.Chunks);
        document.WriteNumber("tensors", matrix.Count);
        document.WriteEndObject();
    }
}
