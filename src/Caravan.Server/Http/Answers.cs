using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace Caravan.Server;

/// <summary>Writes answers as JSON.</summary>
internal static class Answers
{
    /// <summary>Texts of models are mostly not ASCII, and no answer is put into a page as it is.</summary>
    public static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>An answer as bytes.</summary>
    public static byte[] BytesOf<T>(T answer, JsonTypeInfo<T> type)
    {
        ArrayBufferWriter<byte> bytes = new();
        using (Utf8JsonWriter writer = new(bytes, Options)) JsonSerializer.Serialize(writer, answer, type);
        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>Writes a whole answer.</summary>
    public static async Task WriteJsonAsync<T>(this HttpContext context, T answer, JsonTypeInfo<T> type)
    {
        context.Response.ContentType = "application/json";
        using (Utf8JsonWriter writer = new(context.Response.BodyWriter, Options)) JsonSerializer.Serialize(writer, answer, type);
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }
}
