using System.Text.Json.Nodes;
using Caravan.Text;

namespace Caravan.Training;

/// <summary>Messages in OpenAI's shape: role, content, tool_calls, tool_call_id, name.</summary>
internal static class MessageList
{
    private static readonly string[] Roles = ["system", "developer", "user", "assistant", "tool", "function"];

    /// <summary>A message that is just a text.</summary>
    public static JsonObject Message(string role, string content) => new() { ["role"] = role, ["content"] = content };

    /// <summary>Who speaks.</summary>
    public static string RoleOf(JsonNode message) => message["role"]!.GetValue<string>();

    /// <summary>What is said: the content, and calls of functions as JSON.</summary>
    public static string TextOf(JsonNode message)
    {
        string content = message["content"] switch
        {
            JsonArray parts => string.Concat(parts.Select(part => part?["text"]?.ToString())),
            JsonNode text => text.ToString(),
            null => "",
        };
        return message["tool_calls"] is { } calls ? content + calls.ToJsonString(ToolCall.Plain) : content;
    }

    /// <summary>Whether the message is a text and nothing else, said by someone with this role.</summary>
    public static bool IsPlain(JsonNode message, string role) =>
        message is JsonObject fields && RoleOf(message) == role && message["content"] is JsonValue && fields.All(field => field.Key is "role" or "content" || field.Value is null);

    /// <summary>A copy of some of the messages.</summary>
    public static JsonArray Copy(IEnumerable<JsonNode?> messages) => [.. messages.Select(message => message!.DeepClone())];

    /// <summary>Reads a list of messages.</summary>
    /// <exception cref="CaravanException">It is empty, or a message is not as it should be.</exception>
    public static JsonArray Read(RecordField list)
    {
        JsonArray messages = [.. list.Items().Select(Message)];
        return messages.Count > 0 ? messages : throw list.Problem("has an empty conversation; at least one message was expected.");
    }

    /// <summary>The functions that a record offers; null for none.</summary>
    /// <exception cref="CaravanException">They are no list.</exception>
    public static JsonArray? Tools(RecordField record)
    {
        if (record.Find("tools") is not { } field) return null;
        if (!field.IsList) throw field.Mismatch("a list of functions");
        JsonArray tools = (JsonArray)field.Node()!;
        return tools.Count > 0 ? tools : null;
    }

    private static JsonObject Message(RecordField field)
    {
        string role = field.Required("role").Text();
        if (!Roles.Contains(role))
            throw field.Problem($"has a message of the unknown role '{role}'; {string.Join(", ", Roles[..^1])} were expected.{Suggestion.DidYouMean(role, Roles)}");
        RecordField? content = field.Find("content");
        if (content is null && (role != "assistant" || !field.Has("tool_calls"))) throw field.Problem($"has a message of the {role} without content.");
        if (content is { IsList: true } parts) CheckParts(parts);
        else if (content is { IsText: false } other) throw other.Mismatch("a text");
        if (field.Find("tool_calls") is { } calls) CheckCalls(calls);
        return (JsonObject)field.Node()!;
    }

    private static void CheckParts(RecordField parts)
    {
        foreach (RecordField part in parts.Items())
        {
            string type = part.Required("type").Text();
            if (type != "text") throw part.Problem($"has a part of type '{type}' in a message; training takes text only.");
            part.Required("text").Text();
        }
    }

    private static void CheckCalls(RecordField calls)
    {
        foreach (RecordField call in calls.Items()) call.Required("function").Required("name").Text();
    }
}
