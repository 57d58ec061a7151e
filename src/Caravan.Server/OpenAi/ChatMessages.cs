using System.Text.Json;
using System.Text.Json.Nodes;

namespace Caravan.Server;

/// <summary>Reads a conversation. What its messages say is the model's business; here they get the errors of OpenAI's API.</summary>
internal static class ChatMessages
{
    /// <summary>The messages in OpenAI's shape.</summary>
    /// <exception cref="ApiException">A message is not as it should be.</exception>
    public static JsonArray Read(Fields body)
    {
        if (!body.Has("messages")) throw body.Missing("messages");
        JsonArray messages = [];
        foreach (Fields message in body.Objects("messages"))
        {
            Require(message);
            messages.Add(Fields.NodeOf(message.Element, "messages"));
        }

        return messages.Count > 0 ? messages : throw ApiException.Invalid("Invalid value for 'messages': an empty conversation has no answer.", "messages", "empty_array");
    }

    private static void Require(Fields message)
    {
        _ = message.RequiredText("role");
        string role = message.Word("role", "system", "developer", "user", "assistant", "tool", "function")!;
        if (message.Any("content") is { } content) RequireContent(message, content);
        else if (role != "assistant") throw message.Missing("content");
        if (role == "tool") _ = message.RequiredText("tool_call_id");
        _ = message.Text("name");
        foreach (Fields call in message.Objects("tool_calls"))
        {
            Fields function = call.Object("function") ?? throw call.Missing("function");
            _ = function.RequiredText("name");
            _ = function.Text("arguments");
        }
    }

    private static void RequireContent(Fields message, JsonElement content)
    {
        if (content.ValueKind == JsonValueKind.String)
        {
            _ = message.Text("content");
            return;
        }

        if (content.ValueKind != JsonValueKind.Array) throw Fields.WrongType(content, message.PathOf("content"), "a string or an array of parts");
        foreach (Fields part in message.Objects("content"))
        {
            _ = part.RequiredText("type");
            string kind = part.Word("type", "text", "image_url", "refusal")!;
            if (kind == "image_url") RequireImage(part.Object("image_url") ?? throw part.Missing("image_url"));
            else _ = part.RequiredText(kind);
        }
    }

    private static void RequireImage(Fields image)
    {
        string path = image.PathOf("url");
        if (!image.RequiredText("url").StartsWith("data:", StringComparison.Ordinal))
            throw ApiException.Invalid($"Invalid value for '{path}': this server fetches no pictures; send them as data: URLs in base64.", path, "invalid_image_url");
    }
}
