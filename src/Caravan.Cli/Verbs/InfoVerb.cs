using System.CommandLine;
using System.Text.Json;
using Caravan.Formats;

namespace Caravan.Cli;

/// <summary>Says what is in a model file, also when it cannot run here.</summary>
internal sealed class InfoVerb : Verb
{
    private readonly ModelFlags models = new();
    private readonly Option<bool> tensors = Flag.Switch("--tensors", "List all tensors.");
    private readonly Option<bool> metadata = Flag.Switch("--metadata", "List all keys that came with the weights; long lists are cut short.");
    private readonly Option<bool> verify = Flag.Switch("--verify", "Read every weight and look for NaN and infinity.");

    public override string Name => "info";

    public override string Summary => "Say what is in a model file: architecture, sizes, types, tokenizer, memory, and whether it can run.";

    public override string Example => "caravan info stories260K.bin\ncaravan info model-q4_k.gguf --tensors --verify";

    protected override IEnumerable<Symbol> Symbols => [.. models.Place, models.Tokenizer, tensors, metadata, verify];

    protected override int Run(ParseResult parsed, Terminal terminal)
    {
        using ModelReport report = ModelReport.Open(models.PathOf(parsed), models.TokenizerOf(parsed));
        bool verified = parsed.GetValue(verify) && report.Model is not null;
        string? broken = verified ? report.Model!.FindNonFiniteWeight() : null;
        if (parsed.GetValue(Json)) terminal.WriteJson(document => Write(document, parsed, report, verified, broken));
        else Print(new ReportPrinter(terminal), parsed, report, verified, broken);
        return ExitCode.Success;
    }

    private void Print(ReportPrinter printer, ParseResult parsed, ModelReport report, bool verified, string? broken)
    {
        ModelReportText.Print(report, printer);
        if (parsed.GetValue(verify))
        {
            string result = !verified ? "not possible: the model cannot be loaded" : broken is null ? "all weights are finite" : $"'{broken}' holds NaN or infinity";
            printer.Pairs("Verification", [("weights", result)]);
        }

        if (parsed.GetValue(metadata))
            printer.Pairs("Keys", ConfigurationFacts.All(report.Checkpoint).Select(fact => (fact.Key, fact.Value)));
        if (parsed.GetValue(tensors))
            printer.Table("Tensors", ["name", "type", "shape", "size"], report.Checkpoint.Tensors.Values.Select(TensorRow));
    }

    private static string[] TensorRow(TensorEntry tensor) => [tensor.Name, tensor.TypeName, tensor.ShapeText, Quantity.Bytes(tensor.StoredBytes)];

    private void Write(Utf8JsonWriter document, ParseResult parsed, ModelReport report, bool verified, string? broken)
    {
        ModelReportJson.Write(document, report);
        if (parsed.GetValue(verify))
        {
            document.WriteStartObject("verification");
            document.WriteBoolean("read", verified);
            document.WriteString("non_finite_weight", broken);
            document.WriteEndObject();
        }

        if (parsed.GetValue(metadata))
        {
            document.WriteStartObject("metadata");
            foreach ((string key, string value) in ConfigurationFacts.All(report.Checkpoint)) document.WriteString(key, value);
            document.WriteEndObject();
        }

        if (!parsed.GetValue(tensors)) return;
        document.WriteStartArray("tensors");
        foreach (TensorEntry tensor in report.Checkpoint.Tensors.Values)
        {
            document.WriteStartObject();
            document.WriteString("name", tensor.Name);
            document.WriteString("type", tensor.TypeName);
            document.WriteStartArray("shape");
            foreach (long dimension in tensor.Shape) document.WriteNumberValue(dimension);
            document.WriteEndArray();
            document.WriteNumber("bytes", tensor.StoredBytes);
            document.WriteEndObject();
        }

        document.WriteEndArray();
    }
}
