using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Caravan.Training;

/// <summary>Writes records as JSON in one line, letters as they are.</summary>
internal static class JsonText
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>How records are read. Of a field that stands there twice, programs take the first or the last; it is refused.</summary>
    public static JsonDocumentOptions Strict { get; } = new() { AllowDuplicateProperties = false };

    /// <summary>An object of texts.</summary>
    public static byte[] Object(IEnumerable<(string Name, string Value)> fields) => Written(writer =>
    {
        writer.WriteStartObject();
        foreach ((string name, string value) in fields) writer.WriteString(name, value);
        writer.WriteEndObject();
    });

    /// <summary>A value as it stands.</summary>
    public static byte[] Of(JsonNode node) => Written(writer => node.WriteTo(writer));

    private static byte[] Written(Action<Utf8JsonWriter> write)
    {
        ArrayBufferWriter<byte> bytes = new();
        using (Utf8JsonWriter writer = new(bytes, Options)) write(writer);
        return bytes.WrittenSpan.ToArray();
    }
}
