using System.CommandLine;
using Caravan.Formats;
using Caravan.Models;
using Caravan.Weights;

namespace Caravan.Cli;

/// <summary>Writes a model with an adapter in its weights.</summary>
internal sealed class AdapterMergeVerb : Verb
{
    private readonly Argument<string> source = new("MODEL") { Description = "The model that the adapter was trained with." };
    private readonly Argument<string> adapter = new("ADAPTER") { Description = "The adapter's folder, in PEFT's layout." };
    private readonly Argument<string> target = new("TARGET") { Description = "The GGUF file or Hugging Face folder to write." };
    private readonly Option<string?> type = Flag.Text(
        "--type", "TYPE", $"The type of the matrices (default: each its own): {string.Join(", ", WeightTypes.All.Select(WeightTypes.NameOf))}.");
    private readonly Option<bool> overwrite = Flag.Switch("--overwrite", "Replace a model that is there already.");

    public override string? Group => "adapter";

    public override string Name => "merge";

    public override string Summary => "Write a model with an adapter merged into its weights: it then runs anywhere, as fast as without.";

    public override string Example => "caravan adapter merge ./llama-2-7b-hf ./my-lora ./llama-2-7b-mine\ncaravan adapter merge base-q8_0.gguf ./my-lora mine-q8_0.gguf";

    public override string Notes =>
        "Weights of block types are decoded, merged and encoded again, which rounds them once more: merge into f16 or f32 and quantize then, where both are there.\n" +
        "Adapters of groups of inputs (qa_lora) move the minima of q4_1 and q5_1 instead, and no code is rounded again.";

    protected override IEnumerable<Symbol> Symbols => [source, adapter, target, type, overwrite];

    protected override int Run(ParseResult parsed, Terminal terminal)
    {
        (string from, string to) = (parsed.ModelPath(parsed.GetRequiredValue(source)), parsed.GetRequiredValue(target));
        ConvertOptions options = new() { Type = ConvertVerb.TypeOf(parsed.GetValue(type)), Overwrite = parsed.GetValue(overwrite) };
        using InterruptScope work = terminal.Interrupts.Begin();
        try
        {
            using Model model = Model.Load(from);
            using Adapter learnt = PeftReader.Read(parsed.GetRequiredValue(adapter), model);
            using AdapterMerge merge = new(model, learnt);
            ConvertReport report = terminal.Watch<ConvertProgress, ConvertReport>("Merging", value => (value.BytesDone, value.BytesTotal), progress => Converter.Write(
                model, merge.Find, to, options, new WriteOptions { Progress = (done, total) => progress?.Report(new ConvertProgress(done, total)), Cancellation = work.Token }));
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
}
