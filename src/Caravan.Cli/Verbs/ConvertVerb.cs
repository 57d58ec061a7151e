using System.CommandLine;
using Caravan.Kernels;
using Caravan.Weights;

namespace Caravan.Cli;

/// <summary>Writes a model in another format or type.</summary>
internal sealed class ConvertVerb : Verb
{
    private readonly Argument<string> source = new("SOURCE") { Description = "A GGUF, safetensors, PyTorch or llama2.c file, or a Hugging Face folder." };
    private readonly Argument<string> target = new("TARGET") { Description = "The GGUF file or Hugging Face folder to write." };
    private readonly Option<string?> type = Flag.Text(
        "--type", "TYPE", $"The type of the matrices (default: each its own): {string.Join(", ", WeightTypes.All.Select(WeightTypes.NameOf))}.");
    private readonly Option<string?> format = Flag.Text("--format", "gguf|safetensors", "What to write (default: gguf if TARGET ends in .gguf, else a safetensors folder).");
    private readonly Option<bool> overwrite = Flag.Switch("--overwrite", "Replace a model that is there already.");
    private readonly Option<string?> tokenizer = Flag.Text("--tokenizer", "PATH", "A tokenizer file or folder instead of the source's own.");
    private readonly Option<long?> shardBytes = Flag.Number<long>("--shard-bytes", "N", "Cut a folder's weights into files of about this size (default 5000000000).");
    private readonly Option<bool> dropScaling = Flag.Switch("--drop-rotary-scaling", "Leave out a scaling of long contexts that the target has no words for.");
    private readonly Option<int?> threads = Flag.Number<int>("--threads", "N", "Threads that encode (default: one for each physical core).");

    public override string Name => "convert";

    public override string Summary => "Write a model in another format or type.";

    public override string Example => "caravan convert ./llama-2-7b-hf llama-2-7b-q4_k.gguf --type q4_k\ncaravan convert stories260K.bin ./stories260K-hf --type f16";

    protected override IEnumerable<Symbol> Symbols => [source, target, type, format, overwrite, tokenizer, shardBytes, dropScaling, threads];

    protected override int Run(ParseResult parsed, Terminal terminal)
    {
        (string from, string to) = (parsed.ModelPath(parsed.GetRequiredValue(source)), parsed.GetRequiredValue(target));
        ConvertOptions options = Options(parsed);
        using InterruptScope work = terminal.Interrupts.Begin();
        try
        {
            ConvertReport report = terminal.Watch<ConvertProgress, ConvertReport>(
                "Converting", value => (value.BytesDone, value.BytesTotal), progress => Converter.Convert(from, to, options, progress, work.Token));
            if (parsed.GetValue(Json)) terminal.WriteJson(document => document.WriteConversion(report));
            else terminal.PrintConversion(report);
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
        if (workers is < 0 or > 1024) throw new UsageException($"--threads takes 1 to 1024, or 0 for one per physical core, not {workers}.");
        return usual with
        {
            Type = TypeOf(parsed.GetValue(type)),
            Format = FormatOf(parsed.GetValue(format)),
            Overwrite = parsed.GetValue(overwrite),
            TokenizerPath = parsed.ModelPath(parsed.GetValue(tokenizer)),
            MaxShardBytes = shard,
            DropRotaryScaling = parsed.GetValue(dropScaling),
            Threads = workers,
        };
    }

    /// <summary>The type of a name; null for none.</summary>
    internal static DType? TypeOf(string? name)
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
}
