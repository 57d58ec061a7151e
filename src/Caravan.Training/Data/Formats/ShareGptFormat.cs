using System.Text.Json;
using System.Text.Json.Nodes;
using Caravan.Text;

namespace Caravan.Training;

/// <summary>ShareGPT's conversations (FastChat, LLaMA-Factory): turns with <c>from</c> and <c>value</c>.</summary>
internal sealed class ShareGptFormat : SampleFormat
{
    /// <summary>What speakers are called in such files, and their roles. The first name of a role is the one that is written.</summary>
    private static readonly (string Speaker, string Role)[] Speakers =
    [
        ("human", "user"), ("user", "user"), ("gpt", "assistant"), ("assistant", "assistant"), ("chatgpt", "assistant"), ("bard", "assistant"), ("bing", "assistant"), ("model", "assistant"),
        ("system", "system"), ("observation", "tool"), ("tool", "tool"), ("function_response", "tool"),
    ];

    private const string Call = "function_call";

    /// <inheritdoc/>
    public override string Name => "sharegpt";

    /// <inheritdoc/>
    public override string Fields => "conversations of from and value, system, tools";

    /// <inheritdoc/>
    public override bool Fits(RecordField record) => record.Find("conversations", "conversation") is { IsList: true };

    /// <inheritdoc/>
    public override Sample Read(RecordField record)
    {
        JsonArray messages = [.. record.Required("conversations", "conversation").Items().Select(Message)];
        if (messages.Count == 0) throw record.Problem("has an empty conversation; at least one turn was expected.");
        if (record.Find("system")?.Text() is { Length: > 0 } system) messages.Insert(0, MessageList.Message("system", system));
        return new ConversationSample(messages, Tools(record), record.Origin);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<JsonObject>? Write(Sample sample)
    {
        if (sample is not ConversationSample { Attributes: [] } conversation) return null;
        JsonArray turns = [];
        foreach (JsonNode? message in conversation.Messages)
        {
            if (Turn(message!) is not { } turn) return null;
            turns.Add(turn);
        }

        JsonObject record = new() { ["conversations"] = turns };
        if (conversation.Tools is { } tools) record["tools"] = tools.ToJsonString(ToolCall.Plain);
        return [record];
    }

    private static JsonObject Message(RecordField turn)
    {
        string speaker = turn.Required("from", "role").Text(), value = turn.Required("value", "content").Text();
        if (speaker == Call) return CallMessage(turn, value);
        string? role = Speakers.FirstOrDefault(pair => pair.Speaker == speaker).Role;
        return role is not null
            ? MessageList.Message(role, value)
            : throw turn.Problem($"has a turn of the unknown role '{speaker}'; human, gpt, system, {Call} or observation were expected.{Suggestion.DidYouMean(speaker, Speakers.Select(pair => pair.Speaker))}");
    }

    private static JsonObject CallMessage(RecordField turn, string value)
    {
        if (Parsed(value) is not JsonObject call || call["name"] is not JsonValue name) throw turn.Problem($"has a {Call} that is no JSON object with a name.");
        JsonObject function = new() { ["name"] = name.DeepClone(), ["arguments"] = (call["arguments"] ?? new JsonObject()).DeepClone() };
        return new JsonObject
        {
            ["role"] = "assistant",
            ["content"] = "",
            ["tool_calls"] = new JsonArray(new JsonObject { ["type"] = "function", ["function"] = function }),
        };
    }

    private static JsonArray? Tools(RecordField record)
    {
        if (record.Find("tools") is not { IsText: true } text) return MessageList.Tools(record);
        return text.Text().Length == 0 ? null : Parsed(text.Text()) as JsonArray ?? throw text.Mismatch("a list of functions in JSON");
    }

    private static JsonObject? Turn(JsonNode message)
    {
        string role = MessageList.RoleOf(message);
        if (message["tool_calls"] is JsonArray calls)
            return calls.Count == 1 && calls[0]?["function"] is JsonObject function && string.IsNullOrEmpty(message["content"]?.ToString()) ? Turn(Call, CallText(function)) : null;
        string? speaker = Speakers.FirstOrDefault(pair => pair.Role == role).Speaker;
        return speaker is not null && message["content"] is JsonValue content ? Turn(speaker, content.ToString()) : null;
    }

    private static string CallText(JsonObject function)
    {
        JsonNode? arguments = function["arguments"];
        if (arguments is JsonValue text) arguments = Parsed(text.ToString());
        return new JsonObject { ["name"] = function["name"]!.DeepClone(), ["arguments"] = arguments?.DeepClone() ?? new JsonObject() }.ToJsonString(ToolCall.Plain);
    }

    private static JsonObject Turn(string speaker, string value) => new() { ["from"] = speaker, ["value"] = value };

    private static JsonNode? Parsed(string json)
    {
        try
        {
            return JsonNode.Parse(json, documentOptions: JsonText.Strict);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
