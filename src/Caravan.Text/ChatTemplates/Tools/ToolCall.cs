using System.Text.Encodings.Web;
using System.Text.Json;

namespace Caravan.Text;

/// <summary>A function that a model wants to have called.</summary>
/// <param name="Name">The function.</param>
/// <param name="Arguments">Its arguments: a JSON object.</param>
internal sealed record ToolCall(string Name, string Arguments)
{
    /// <summary>JSON with letters as they are.</summary>
    public static JsonSerializerOptions Plain { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
