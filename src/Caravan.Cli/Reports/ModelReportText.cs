using Caravan.Inference;
using Caravan.Models;
using Caravan.Text;

namespace Caravan.Cli;

/// <summary>Prints a <see cref="ModelReport"/> for people.</summary>
internal static class ModelReportText
{
    /// <summary>The whole report; tensors and keys are printed apart, when they are asked for.</summary>
    public static void Print(ModelReport report, ReportPrinter printer)
    {
        printer.Pairs(report.Checkpoint.Path, File(report));
        if (report.Model is { } model) printer.Pairs("Model", Structure(model));
        else printer.Pairs("Model, as the file describes it", ConfigurationFacts.Usual(report.Checkpoint, report.Architecture));
        printer.Table("Weights", ["type", "tensors", "parameters", "size"], report.Types.Select(TypeRow));
        if (report.Tokenizer is { } tokenizer) printer.Pairs("Tokenizer", Tokens(tokenizer));
        else printer.Pairs("Tokenizer", [("none", report.TokenizerProblem ?? "")]);
        if (report.Model is not null) printer.Pairs("Memory", Memory(report, report.Model.Spec));
        if (report.Model is { Unread.Count: > 0 }) printer.Pairs("Not used by this family", report.Model.Unread.Select(what => ("", what)));
    }

    private static IEnumerable<(string, string)> File(ModelReport report)
    {
        yield return ("format", report.Checkpoint.Format);
        yield return ("architecture", report.Architecture ?? "not said");
        if (report.Model is { } model) yield return ("family", $"{model.Family.Name} ({model.Family.Paper})");
        yield return ("supported", report.Problem is null ? "yes" : $"no: {report.Problem}");
        if (report.Parameters == 0) yield break;
        yield return ("parameters", $"{report.Parameters:N0} ({Quantity.Count(report.Parameters)})");
        yield return ("size", $"{Quantity.Bytes(report.Bytes)}, {report.BitsPerWeight:0.00} bits for each parameter");
    }

    private static IEnumerable<(string, string)> Structure(Model model)
    {
        StackSpec spec = model.Spec;
        yield return ("kind", model.Network.Kind);
        if (spec is DecoderSpec { Encoder: { } encoder }) yield return ("encoder layers", $"{encoder.Layers.Length}");
        bool alike = spec.Layers.All(spec.Layers[0].Equals);
        yield return ("layers", $"{spec.Layers.Length}{(alike ? "" : " that differ; the first is described")}");
        yield return ("hidden size", $"{spec.HiddenSize}");
        foreach (SpecFact fact in spec.Layers[0].Facts) yield return (fact.Name, fact.Words);
        yield return ("vocabulary", $"{spec.VocabularySize:N0}");
        yield return ("context", $"{spec.ContextLength:N0} tokens");
        if (spec is DecoderSpec decoder) yield return ("head", decoder.TiedHead ? "shares the embedding's matrix" : "a matrix of its own");
    }

    private static string[] TypeRow(ModelReport.TypeShare share) =>
        [share.Name + (share.IsSupported ? "" : " (cannot be read)"), $"{share.Tensors:N0}", Quantity.Count(share.Parameters), Quantity.Bytes(share.Bytes)];

    private static IEnumerable<(string, string)> Tokens(Tokenizer tokenizer)
    {
        yield return ("kind", tokenizer.Kind);
        yield return ("tokens", $"{tokenizer.VocabularySize:N0}");
        (string Name, int? Id)[] special =
        [
            ("begins a text", tokenizer.BosId), ("ends a text", tokenizer.EosId), ("unknown", tokenizer.UnknownId), ("padding", tokenizer.PadId),
        ];
        foreach ((string name, int? id) in special)
            if (id is { } token) yield return (name, $"{token} {TokenSpelling.Quoted(tokenizer.TokenText(token))}");
        yield return ("ends generation", string.Join(", ", tokenizer.EndOfGenerationIds.Order()));
        yield return ("chat template", tokenizer.ChatTemplate is null ? "none" : "yes");
        foreach (string warning in tokenizer.Warnings) yield return ("warning", warning);
    }

    private static IEnumerable<(string, string)> Memory(ModelReport report, StackSpec spec)
    {
        const int tokens = 1024;
        yield return ("weights", $"{Quantity.Bytes(report.Bytes)}, mapped from the file");
        if (report.CacheBytes(tokens) is null) yield break;
        yield return ("keys and values", $"{Quantity.Bytes(report.CacheBytes(tokens)!.Value)} for {tokens:N0} tokens, {Quantity.Bytes(report.CacheBytes(spec.ContextLength)!.Value)} for the whole context, as {ModelReport.KeyValueType}");
        if (report.StateBytes > 0) yield return ("state", $"{Quantity.Bytes(report.StateBytes)} a sequence, however long");
        int usual = Math.Min(spec.ContextLength, EngineOptions.UsualContext);
        yield return ("together", $"{Quantity.Bytes(report.Bytes + report.CacheBytes(usual)!.Value + report.StateBytes)} for a text of {usual:N0} tokens");
    }
}
