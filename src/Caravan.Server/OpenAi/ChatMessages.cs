using System.Text.Json;
using System.Text.Json.Nodes;
using Caravan.Formats;

namespace Caravan.Server;

/// <summary>Reads a conversation: messages with plain text, and the pictures that were among them.</summary>
internal static class ChatMessages
{
    private const string Expected = "a string or an array of parts";

    /// <summary>The messages in OpenAI's shape, their parts joined and developers' messages as the system's.</summary>
    /// <param name="body">The request.</param>
    /// <param name="images">Gets the pictures, in their order.</param>
    /// <exception cref="ApiException">A message is not as it should be.</exception>
    public static JsonArray Read(Fields body, List<Picture> images)
    {
        if (!body.Has("messages")) throw body.Missing("messages");
        JsonArray messages = [.. body.Objects("messages").Select(message => Message(message, images))];
        return messages.Count > 0 ? messages : throw ApiException.Invalid("Invalid value for 'messages': an empty conversation has no answer.", "messages", "empty_array");
    }

    private static JsonObject Message(Fields message, List<Picture> images)
    {
        _ = message.RequiredText("role");
        string role = message.Word("role", "system", "developer", "user", "assistant", "tool")!;
        JsonObject read = new() { ["role"] = role == "developer" ? "system" : role };
        bool mayLackContent = role == "assistant" && (message.Has("tool_calls") || message.Has("refusal"));
        if (message.Any("content") is { } content) read["content"] = Content(message, content, images);
        else read["content"] = mayLackContent ? null : throw message.Missing("content");
        if (message.Text("name") is { } name) read["name"] = name;
        if (message.Text("reasoning_content") is { } reasoning) read["reasoning_content"] = reasoning;
        if (role == "tool") read["tool_call_id"] = message.RequiredText("tool_call_id");
        JsonArray calls = [.. message.Objects("tool_calls").Select(Call)];
        if (calls.Count > 0) read["tool_calls"] = calls;
        return read;
    }

    private static JsonObject Call(Fields call)
    {
        Fields function = call.Object("function") ?? throw call.Missing("function");
        return new JsonObject
        {
            ["id"] = call.Text("id"),
            ["type"] = "function",
            ["function"] = new JsonObject { ["name"] = function.RequiredText("name"), ["arguments"] = function.Text("arguments") ?? "{}" },
        };
    }

    private static string Content(Fields message, JsonElement content, List<Picture> images)
    {
        if (content.ValueKind == JsonValueKind.String) return message.RequiredText("content");
        if (content.ValueKind != JsonValueKind.Array) throw Fields.WrongType(content, message.PathOf("content"), Expected);
        return string.Concat(message.Objects("content").Select(part => Part(part, images)));
    }

    private static string Part(Fields part, List<Picture> images)
    {
        _ = part.RequiredText("type");
        switch (part.Word("type", "text", "image_url", "refusal"))
        {
            case "text":
                return part.RequiredText("text");
            case "refusal":
                return part.RequiredText("refusal");
            default:
                Fields image = part.Object("image_url") ?? throw part.Missing("image_url");
                images.Add(Image(image.RequiredText("url"), image.PathOf("url")));
                return "";
        }
    }

    /// <summary>The picture in a data: URL, or in base64 alone.</summary>
    /// <exception cref="ApiException">It is somewhere else, or no picture.</exception>
    public static Picture Image(string url, string path)
    {
        if (url.StartsWith("http:", StringComparison.OrdinalIgnoreCase) || url.StartsWith("https:", StringComparison.OrdinalIgnoreCase))
            throw ApiException.Invalid($"Invalid value for '{path}': this server fetches no pictures; send them as data: URLs in base64.", path, "invalid_image_url");
        const string mark = ";base64,";
        int start = url.IndexOf(mark, StringComparison.Ordinal);
        if (url.StartsWith("data:", StringComparison.OrdinalIgnoreCase) && start < 0)
            throw ApiException.Invalid($"Invalid value for '{path}': the data: URL is not in base64.", path, "invalid_image_url");
        try
        {
            return Picture.Read(Convert.FromBase64String(start < 0 ? url : url[(start + mark.Length)..]), path);
        }
        catch (FormatException)
        {
            throw ApiException.Invalid($"Invalid value for '{path}': the picture is not in base64.", path, "invalid_image_url");
        }
        catch (CaravanException exception)
        {
            throw ApiException.Invalid(exception.Message, path, "invalid_image_format");
        }
    }
}
