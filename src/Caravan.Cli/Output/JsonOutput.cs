using System.Text.Encodings.Web;
using System.Text.Json;

namespace Caravan.Cli;

/// <summary>Writes the one JSON document of a verb.</summary>
internal static class JsonOutput
{
    // Texts of models are mostly not ASCII, and nobody puts the document into a web page: no need to hide every letter behind an escape.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes an object and a line end; <paramref name="write"/> fills the object.</summary>
    public static void WriteJson(this Terminal terminal, Action<Utf8JsonWriter> write)
    {
        terminal.Output.Flush();
        using (Utf8JsonWriter document = new(terminal.OutputBytes, Options))
        {
            document.WriteStartObject();
            write(document);
            document.WriteEndObject();
        }

        terminal.OutputBytes.Write("\n"u8);
        terminal.OutputBytes.Flush();
    }

    /// <summary>An array of numbers.</summary>
    public static void WriteIntegers(this Utf8JsonWriter document, string name, IEnumerable<int> values)
    {
        document.WriteStartArray(name);
        foreach (int value in values) document.WriteNumberValue(value);
        document.WriteEndArray();
    }

    /// <summary>An array of texts.</summary>
    public static void WriteStrings(this Utf8JsonWriter document, string name, IEnumerable<string> values)
    {
        document.WriteStartArray(name);
        foreach (string value in values) document.WriteStringValue(value);
        document.WriteEndArray();
    }

    /// <summary>A number, or null.</summary>
    public static void WriteOptional(this Utf8JsonWriter document, string name, double? value)
    {
        if (value is { } number && double.IsFinite(number)) document.WriteNumber(name, number);
        else document.WriteNull(name);
    }

    /// <summary>A whole number, or null.</summary>
    public static void WriteOptional(this Utf8JsonWriter document, string name, int? value)
    {
        if (value is { } number) document.WriteNumber(name, number);
        else document.WriteNull(name);
    }
}
