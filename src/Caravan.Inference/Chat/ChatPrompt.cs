using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Caravan.Formats;
using Caravan.Text;

namespace Caravan.Inference;

/// <summary>
/// Messages in OpenAI's shape, as a model's template takes them: arguments as an object or as text, parts of a message joined, pictures taken out.
/// Where a template knows nothing of tools or of a system message, they are told in words that it does know.
/// </summary>
internal sealed class ChatPrompt
{
    private readonly ChatFormat format;
    private readonly ToolSyntax syntax;
    private readonly List<Picture> pictures = [];

    private ChatPrompt(ChatFormat format)
    {
        this.format = format;
        syntax = format.Tools;
    }

    /// <summary>The prompt at whose end the answer begins, and the pictures in order.</summary>
    /// <exception cref="CaravanException">A message is not as it should be, or the template refuses the conversation.</exception>
    public static (EncodedPrompt Prompt, IReadOnlyList<Picture> Pictures) Of(ChatFormat format, JsonArray messages, JsonArray? tools, bool trustContent = false, bool continues = false)
    {
        ChatPrompt prompt = new(format);
        return (prompt.Encode(messages, tools, trustContent, continues), prompt.pictures);
    }

    /// <summary>Messages and tools as the template takes them, without asking it; for texts that are learnt. Pictures are left out.</summary>
    /// <exception cref="CaravanException">A message is not as it should be.</exception>
    public static (JsonArray Messages, JsonArray? Tools) Prepared(ChatFormat format, JsonArray messages, JsonArray? tools) => new ChatPrompt(format).Prepare(messages, tools);

    /// <summary>For templates that refuse a system message: lets it open the first question instead; false where there is none to move.</summary>
    public static bool MoveSystem(JsonArray prepared)
    {
        if (prepared.Count < 2 || Role(prepared[0]!) != "system" || Role(prepared[1]!) != "user") return false;
        string system = prepared[0]!["content"]?.ToString() ?? "", question = prepared[1]!["content"]?.ToString() ?? "";
        prepared.RemoveAt(0);
        prepared[0]!["content"] = $"{system}\n\n{question}";
        return true;
    }

    private EncodedPrompt Encode(JsonArray messages, JsonArray? tools, bool trustContent, bool continues)
    {
        (JsonArray prepared, JsonArray? native) = Prepare(messages, tools);
        try
        {
            return format.Encode(prepared, trustContent, native, continues);
        }
        catch (ChatTemplateException) when (MoveSystem(prepared))
        {
            return format.Encode(prepared, trustContent, native, continues);
        }
    }

    private (JsonArray Messages, JsonArray? Tools) Prepare(JsonArray messages, JsonArray? tools)
    {
        if (messages.Count == 0) throw new CaravanException("The conversation has no messages; at least one was expected.");
        bool inWords = !syntax.IsNative && (tools is not null || messages.OfType<JsonObject>().Any(message => message["tool_calls"] is not null || message["role"]?.ToString() == "tool"));
        JsonArray prepared = [];
        for (int i = 0; i < messages.Count; i++) prepared.Add(Prepare(messages[i], i, inWords));
        if (inWords && tools is not null) Describe(tools, prepared);
        return (prepared, syntax.IsNative ? tools : null);
    }

    private JsonObject Prepare(JsonNode? node, int index, bool inWords)
    {
        if (node is not JsonObject given || given["role"] is not JsonValue) throw new CaravanException($"messages[{index}] is not an object with a role.");
        JsonObject message = (JsonObject)given.DeepClone();
        string role = message["role"]!.ToString();
        if (role == "developer") message["role"] = role = "system";
        if (role is not ("system" or "user" or "assistant" or "tool" or "function"))
            throw new CaravanException($"messages[{index}] has the role '{role}'; system, developer, user, assistant or tool were expected.");
        if (message["content"] is JsonArray parts) message["content"] = Joined(parts, index);
        else if (message["content"] is not (null or JsonValue)) throw new CaravanException($"messages[{index}].content is neither a text nor a list of parts.");
        if (message["tool_calls"] is JsonArray calls)
        {
            foreach (JsonNode? call in calls) PrepareCall(call, index);
            if (string.IsNullOrEmpty(message["content"]?.ToString())) message["content"] = syntax.NullContent ? null : "";
        }
        else
        {
            message["content"] ??= "";
        }

        if (inWords) TellInWords(message);
        return message;
    }

    /// <summary>Arguments come as a text of JSON; most templates want what it says.</summary>
    private void PrepareCall(JsonNode? call, int index)
    {
        if ((call as JsonObject)?["function"] is not JsonObject function || function["name"] is not JsonValue)
            throw new CaravanException($"messages[{index}].tool_calls holds what is not a call with a function and its name.");
        bool isText = function["arguments"] is JsonValue value && value.GetValueKind() == JsonValueKind.String;
        if (isText && !syntax.ArgumentsAsText) function["arguments"] = Arguments(function["arguments"]!.ToString(), index);
        else if (!isText && syntax.ArgumentsAsText) function["arguments"] = (function["arguments"] ?? new JsonObject()).ToJsonString(ToolCall.Plain);
    }

    private static JsonNode Arguments(string text, int index)
    {
        try
        {
            return JsonNode.Parse(text.Length == 0 ? "{}" : text, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false }) ?? new JsonObject();
        }
        catch (JsonException exception)
        {
            throw new CaravanException($"messages[{index}].tool_calls holds arguments that are not JSON: {exception.Message}", exception);
        }
    }

    private string Joined(JsonArray parts, int index)
    {
        StringBuilder text = new();
        foreach (JsonNode? node in parts)
        {
            JsonObject? part = node as JsonObject;
            switch (part?["type"]?.ToString())
            {
                case "text":
                case "refusal":
                    text.Append((part["text"] ?? part["refusal"])?.ToString());
                    break;
                case "image_url":
                    pictures.Add(PictureOf(part["image_url"] is JsonObject image ? image["url"]?.ToString() : part["image_url"]?.ToString(), index));
                    break;
                default:
                    throw new CaravanException($"messages[{index}].content has a part of type '{part?["type"]}'; text or image_url were expected.");
            }
        }

        return text.ToString();
    }

    /// <summary>Pictures come with the message: what an address on the network would show is not fetched.</summary>
    private static Picture PictureOf(string? address, int index)
    {
        const string Mark = ";base64,";
        int data = address?.StartsWith("data:", StringComparison.Ordinal) == true ? address.IndexOf(Mark, StringComparison.Ordinal) : -1;
        if (data < 0) throw new CaravanException($"messages[{index}] has a picture that is not a data: address in base64; pictures are not fetched from the network.");
        byte[] bytes = new byte[address!.Length];
        if (!Convert.TryFromBase64String(address[(data + Mark.Length)..], bytes, out int length)) throw new CaravanException($"messages[{index}] has a picture that is not valid base64.");
        return Picture.Read(bytes.AsSpan(0, length), $"messages[{index}]");
    }

    /// <summary>Calls and their answers for templates that know of neither.</summary>
    private static void TellInWords(JsonObject message)
    {
        if (message["tool_calls"] is JsonArray calls)
        {
            StringBuilder text = new(message["content"]?.ToString());
            foreach (JsonNode? call in calls)
            {
                JsonObject told = new() { ["name"] = call!["function"]!["name"]!.DeepClone(), ["arguments"] = call["function"]!["arguments"]?.DeepClone() ?? new JsonObject() };
                text.Append(text.Length > 0 ? "\n" : "").Append($"<tool_call>\n{told.ToJsonString(ToolCall.Plain)}\n</tool_call>");
            }

            message["content"] = text.ToString();
            message.Remove("tool_calls");
        }
        else if (message["role"]!.ToString() is "tool" or "function")
        {
            message["content"] = $"<tool_response>\n{message["content"]}\n</tool_response>";
            message["role"] = "user";
        }
    }

    private static void Describe(JsonArray tools, JsonArray messages)
    {
        StringBuilder text = new("You may call these functions:\n<tools>\n");
        foreach (JsonNode? tool in tools) text.Append(tool?.ToJsonString(ToolCall.Plain)).Append('\n');
        text.Append("</tools>\nTo call one, write its name and its arguments as JSON:\n<tool_call>\n{\"name\": \"FUNCTION\", \"arguments\": {\"ARGUMENT\": \"VALUE\"}}\n</tool_call>");
        if (Role(messages[0]!) == "system") messages[0]!["content"] = $"{messages[0]!["content"]}\n\n{text}";
        else messages.Insert(0, new JsonObject { ["role"] = "system", ["content"] = text.ToString() });
    }

    private static string Role(JsonNode message) => message["role"]!.ToString();
}
