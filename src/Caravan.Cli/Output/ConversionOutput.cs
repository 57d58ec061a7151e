using System.Text.Json;
using Caravan.Kernels;
using Caravan.Weights;

namespace Caravan.Cli;

/// <summary>What a conversion did, for people and for programs.</summary>
internal static class ConversionOutput
{
    /// <summary>As people read it.</summary>
    public static void PrintConversion(this Terminal terminal, ConvertReport report)
    {
        string kind = report.Format == ConvertFormat.Gguf ? "a GGUF file" : "a Hugging Face folder";
        terminal.Output.WriteLine(
            $"Wrote '{report.Target}', {kind} of {Quantity.Of(report.Tensors, "tensor")} and {Quantity.Bytes(report.Bytes)}, in {Quantity.Time(report.Elapsed)}.");
        ReportPrinter printer = new(terminal);
        printer.Table("Types", ["type", "tensors"], report.Types.OrderByDescending(pair => pair.Value).Select(pair => (string[])[WeightTypes.NameOf(pair.Key), $"{pair.Value}"]));
        printer.Table("Left out", ["what", "why"], report.LeftOut.Select(omission => (string[])[omission.What, omission.Why]));
        foreach (string note in report.Notes) terminal.Output.WriteLine(note);
    }

    /// <summary>The fields of the JSON document.</summary>
    public static void WriteConversion(this Utf8JsonWriter document, ConvertReport report)
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
}
