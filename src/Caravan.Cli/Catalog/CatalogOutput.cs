using System.Text.Json;
using Caravan.Weights;

namespace Caravan.Cli;

/// <summary>Prints entries of the catalogue, for people and for programs.</summary>
internal static class CatalogOutput
{
    private const string Unknown = "";

    /// <summary>Many entries, a line each.</summary>
    public static void List(Terminal terminal, IReadOnlyList<CatalogEntry> entries, bool json)
    {
        CatalogEntry[] models = [.. entries.Where(entry => entry.IsModel)];
        int runnable = models.Count(entry => entry.Model!.IsRunnable);
        if (json)
        {
            terminal.WriteJson(document =>
            {
                document.WriteNumber("models", models.Length);
                document.WriteNumber("runnable", runnable);
                document.WriteStartArray("entries");
                foreach (CatalogEntry entry in entries)
                {
                    document.WriteStartObject();
                    WriteHead(document, entry);
                    document.WriteEndObject();
                }

                document.WriteEndArray();
            });
            return;
        }

        new ReportPrinter(terminal).Table("Catalogue", ["id", "name", "kind", "family", "billions", "runs"], entries.Select(entry => (string[])
        [
            entry.Id,
            entry.Name,
            entry.Kind,
            entry.Model is { } model ? string.Join(", ", model.Families) : Unknown,
            Sizes(entry.Model),
            entry.Model is null or { Families: [], WhyNot: null } ? Unknown : entry.Model.IsRunnable ? "yes" : "no",
        ]));
        terminal.Output.WriteLine($"{(entries.Count == 1 ? "1 entry" : $"{entries.Count} entries")}; models: {runnable} of {models.Length} runnable. 'caravan catalog show ID' says more.");
    }

    /// <summary>One entry with all that is known.</summary>
    public static void Show(Terminal terminal, CatalogEntry entry, bool json)
    {
        if (json)
        {
            terminal.WriteJson(document => Write(document, entry));
            return;
        }

        ReportPrinter printer = new(terminal);
        CatalogModel? model = entry.Model;
        printer.Pairs(entry.Name, new (string Name, string? Value)[]
        {
            ("id", entry.Id),
            ("what", entry.Summary),
            ("kind", entry.Kind + (entry.Role == "mentioned" ? " (mentioned where others are described)" : "")),
            ("made from", entry.Base),
            ("parameters", entry.Parameters ?? (model?.Sizes.Count > 0 ? $"{Sizes(model)} billion" : null)),
            ("licence", entry.License),
            ("languages", Joined(entry.Languages)),
            ("date", entry.Date),
            ("pretrained on", entry.PretrainTokens is { } tokens ? $"{tokens} tokens" : null),
            ("context", entry.Context),
            ("domain", entry.Domain),
            ("techniques", Joined(entry.Techniques)),
            ("family", Joined(model?.Families ?? [])),
            ("chat template", model?.Template),
            ("tokenizer", model?.Tokenizer),
            ("runs", model is null or { Families: [], WhyNot: null } ? null : model.Problem is { } problem ? $"no: {problem}" : "yes"),
            ("notes", entry.Notes),
        }.Where(pair => pair.Value is not null).Select(pair => (pair.Name, pair.Value!)));
        if (model is { Sizes.Count: > 0, WhyNot: null })
        {
            printer.Table(
                $"Memory, with {MemoryNeeds.Allowance:0 %} for keys and values, activations and the program",
                ["type", "bits", .. model.Sizes.Select(size => $"{size:0.###} billion")],
                MemoryNeeds.Types.Select(type => (string[])
                    [WeightTypes.NameOf(type), $"{MemoryNeeds.BitsPerWeight(type):0.##}", .. model.Sizes.Select(size => Quantity.Bytes(MemoryNeeds.Bytes(size, type)))]));
        }

        Lines(terminal, "Run it:", CatalogCommands.RunsOf(entry));
        Lines(terminal, "Links:", entry.Links);
    }

    private static void Lines(Terminal terminal, string title, IReadOnlyList<string> lines)
    {
        if (lines.Count == 0) return;
        terminal.Output.WriteLine(title);
        foreach (string line in lines) terminal.Output.WriteLine($"  {line}");
    }

    private static string Sizes(CatalogModel? model) => string.Join(", ", model?.Sizes.Select(size => $"{size:0.###}") ?? []);

    private static string? Joined(IReadOnlyList<string> texts) => texts.Count == 0 ? null : string.Join(", ", texts);

    private static void WriteHead(Utf8JsonWriter document, CatalogEntry entry)
    {
        CatalogModel? model = entry.Model;
        document.WriteString("id", entry.Id);
        document.WriteString("name", entry.Name);
        document.WriteString("kind", entry.Kind);
        document.WriteBoolean("mentioned", entry.Role == "mentioned");
        document.WriteStrings("families", model?.Families ?? []);
        document.WriteStartArray("billions");
        foreach (double size in model?.Sizes ?? []) document.WriteNumberValue(size);
        document.WriteEndArray();
        document.WriteString("license", entry.License);
        document.WriteStrings("languages", entry.Languages);
        if (model is null) document.WriteNull("runnable");
        else document.WriteBoolean("runnable", model.IsRunnable);
    }

    private static void Write(Utf8JsonWriter document, CatalogEntry entry)
    {
        CatalogModel? model = entry.Model;
        WriteHead(document, entry);
        document.WriteString("why_not", model?.Problem);
        document.WriteString("summary", entry.Summary);
        document.WriteString("base", entry.Base);
        document.WriteString("parameters", entry.Parameters);
        document.WriteString("date", entry.Date);
        document.WriteString("pretrain_tokens", entry.PretrainTokens);
        document.WriteString("context", entry.Context);
        document.WriteString("domain", entry.Domain);
        document.WriteStrings("techniques", entry.Techniques);
        document.WriteString("template", model?.Template);
        document.WriteString("tokenizer", model?.Tokenizer);
        document.WriteString("hub", model?.Hub);
        document.WriteStrings("run", CatalogCommands.RunsOf(entry));
        document.WriteStartArray("memory");
        foreach (double size in model is { WhyNot: null } ? model.Sizes : [])
        {
            document.WriteStartObject();
            document.WriteNumber("billions", size);
            document.WriteStartObject("bytes");
            foreach (Kernels.DType type in MemoryNeeds.Types) document.WriteNumber(WeightTypes.NameOf(type), Math.Round(MemoryNeeds.Bytes(size, type)));
            document.WriteEndObject();
            document.WriteEndObject();
        }

        document.WriteEndArray();
        document.WriteStrings("links", entry.Links);
        document.WriteString("notes", entry.Notes);
    }
}
