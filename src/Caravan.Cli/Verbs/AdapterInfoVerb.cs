using System.CommandLine;
using System.Text.Json;
using Caravan.Formats;
using Caravan.Models;

namespace Caravan.Cli;

/// <summary>Says what is in an adapter's folder.</summary>
internal sealed class AdapterInfoVerb : Verb
{
    private readonly Argument<string> adapter = new("ADAPTER") { Description = "The adapter's folder, in PEFT's layout." };
    private readonly Option<string?> model = Flag.Text("--model", "PATH", "A model: says whether the adapter fits it.");

    public override string? Group => "adapter";

    public override string Name => "info";

    public override string Summary => "Say what an adapter is: its kind, rank, layers and size, and whether it fits a model.";

    public override string Example => "caravan adapter info ./my-lora\ncaravan adapter info ./my-lora --model ./llama-2-7b-hf";

    protected override IEnumerable<Symbol> Symbols => [adapter, model];

    protected override int Run(ParseResult parsed, Terminal terminal)
    {
        string folder = parsed.GetRequiredValue(adapter);
        PeftConfig config = new(Path.Combine(folder, PeftConfig.FileName));
        using Checkpoint file = CheckpointReader.Open(PeftReader.WeightsOf(folder));
        long parameters = file.Tensors.Values.Sum(tensor => tensor.Elements), bytes = file.Tensors.Values.Sum(tensor => tensor.StoredBytes);
        string? path = parsed.ModelPath(parsed.GetValue(model));
        int? layers = path is null ? null : LayersIn(folder, path);
        if (parsed.GetValue(Json))
        {
            terminal.WriteJson(document =>
            {
                document.WriteString("adapter", folder);
                document.WriteString("type", config.Type);
                document.WriteString("base_model", config.Text("base_model_name_or_path"));
                document.WriteNumber("rank", config.Number("r", 0));
                document.WriteIntegers("directions", OpenDirections(config));
                document.WriteNumber("alpha", config.Number("lora_alpha", 0));
                document.WriteNumber("tensors", file.Tensors.Count);
                document.WriteNumber("parameters", parameters);
                document.WriteNumber("bytes", bytes);
                if (layers is { } count) document.WriteNumber("layers", count);
                else document.WriteNull("layers");
            });
            return ExitCode.Success;
        }

        ReportPrinter printer = new(terminal);
        printer.Pairs("Adapter", [
            ("type", config.Type), ("base model", config.Text("base_model_name_or_path") ?? "not said"), ("rank", RankOf(config)),
            ("alpha", $"{config.Number("lora_alpha", 0)}"), ("targets", config.Find("target_modules")?.GetRawText() ?? "not said"), ("tensors", $"{file.Tensors.Count}"),
            ("parameters", $"{parameters:N0}"), ("size", Quantity.Bytes(bytes)), ("fits", layers is { } adapted ? $"{Quantity.Of(adapted, "layer")} of '{path}'" : "name a model with --model to see"),
        ]);
        return ExitCode.Success;
    }

    /// <summary>The rank, and the layers' own where AdaLoRA moved directions between them.</summary>
    private static string RankOf(PeftConfig config)
    {
        string rank = $"{config.Number("r", 0)}";
        int[] open = OpenDirections(config);
        return open.Length == 0 ? rank : $"{open.Average():0.##} on average, {open.Min()} to {open.Max()} by layer";
    }

    /// <summary>How many directions each layer kept, in an adapter with a budget; none in others.</summary>
    private static int[] OpenDirections(PeftConfig config) => config.Find("rank_pattern") is not { ValueKind: JsonValueKind.Object } pattern ? [] :
        [.. pattern.EnumerateObject().Where(layer => layer.Value.ValueKind == JsonValueKind.Array).Select(layer => layer.Value.EnumerateArray().Count(open => open.ValueKind == JsonValueKind.True))];

    /// <summary>Layers of a model that the adapter changes.</summary>
    /// <exception cref="CaravanException">It was made for another model.</exception>
    private static int LayersIn(string folder, string path)
    {
        using Model loaded = Model.Load(path);
        using Adapter read = PeftReader.Read(folder, loaded);
        return read.Linears.Count + read.Attentions.Count;
    }
}
