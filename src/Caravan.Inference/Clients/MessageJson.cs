using System.Text.Json;
using System.Text.Json.Nodes;
using Caravan.Text;
using Microsoft.Extensions.AI;

namespace Caravan.Inference;

/// <summary>Conversations and tools of Microsoft.Extensions.AI in OpenAI's shape, which the engine and the server both take.</summary>
internal static class MessageJson
{
    /// <summary>The messages, with the options' instructions before them.</summary>
    public static JsonArray Of(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        JsonArray all = [];
        if (options?.Instructions is { Length: > 0 } instructions) all.Add(new JsonObject { ["role"] = "system", ["content"] = instructions });
        foreach (ChatMessage message in messages) Add(message, all);
        return all;
    }

    /// <summary>The tools; null for none.</summary>
    public static JsonArray? Tools(ChatOptions? options)
    {
        if (options?.Tools is not { Count: > 0 } tools) return null;
        JsonArray all = [];
        foreach (AIFunctionDeclaration function in tools.OfType<AIFunctionDeclaration>())
        {
            JsonNode parameters = JsonNode.Parse(function.JsonSchema.GetRawText()) ?? new JsonObject();
            all.Add(new JsonObject
            {
                ["type"] = "function",
                ["function"] = new JsonObject { ["name"] = function.Name, ["description"] = function.Description, ["parameters"] = parameters },
            });
        }

        return all;
    }

    /// <summary>Arguments as the functions of Microsoft.Extensions.AI take them.</summary>
    public static Dictionary<string, object?> Arguments(string json) =>
        JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(json)!.ToDictionary(pair => pair.Key, pair => (object?)pair.Value);

    private static void Add(ChatMessage message, JsonArray all)
    {
        // Each result is a message of its own; everything else of a message stays together.
        foreach (FunctionResultContent result in message.Contents.OfType<FunctionResultContent>())
            all.Add(new JsonObject { ["role"] = "tool", ["tool_call_id"] = result.CallId, ["content"] = Text(result.Result) });
        JsonArray parts = [], calls = [];
        foreach (AIContent content in message.Contents)
        {
            switch (content)
            {
                case TextContent text:
                    parts.Add(new JsonObject { ["type"] = "text", ["text"] = text.Text });
                    break;
                case DataContent data when data.HasTopLevelMediaType("image"):
                    parts.Add(new JsonObject { ["type"] = "image_url", ["image_url"] = new JsonObject { ["url"] = data.Uri } });
                    break;
                case FunctionCallContent call:
                    calls.Add(new JsonObject
                    {
                        ["id"] = call.CallId, ["type"] = "function",
                        ["function"] = new JsonObject { ["name"] = call.Name, ["arguments"] = JsonSerializer.Serialize(call.Arguments ?? new Dictionary<string, object?>(), ToolCall.Plain) },
                    });
                    break;
            }
        }

        if (parts.Count == 0 && calls.Count == 0 && message.Contents.Count > 0) return;
        JsonObject told = new() { ["role"] = message.Role.Value };
        bool isPlain = parts.All(part => part!["type"]!.ToString() == "text");
        told["content"] = isPlain ? string.Concat(parts.Select(part => part!["text"]!.ToString())) : parts;
        if (calls.Count > 0) told["tool_calls"] = calls;
        all.Add(told);
    }

    private static string Text(object? result) => result switch
    {
        null => "null",
        string text => text,
        JsonElement { ValueKind: JsonValueKind.String } element => element.GetString()!,
        _ => JsonSerializer.Serialize(result, ToolCall.Plain),
    };
}
