using System.Text.Json;
using System.Text.Json.Nodes;
using Caravan.Inference;

namespace Caravan.Server;

/// <summary>Reads which functions a model may call, and whether it has to.</summary>
internal static class ChatTools
{
    /// <summary>The functions in OpenAI's shape; null for none.</summary>
    /// <exception cref="ApiException">One is not as it should be.</exception>
    public static JsonArray? Read(Fields body)
    {
        JsonArray tools = [];
        foreach (Fields tool in body.Objects("tools"))
        {
            _ = tool.Word("type", "function");
            Fields function = tool.Object("function") ?? throw tool.Missing("function");
            string name = function.RequiredText("name");
            if (name.Length is 0 or > 64 || !name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-' or '.'))
                throw ApiException.Invalid($"Invalid value for '{function.PathOf("name")}': a name has 1 to 64 letters, digits, underscores, hyphens and dots.", function.PathOf("name"));
            _ = function.Text("description");
            _ = function.Object("parameters");
            tools.Add(Fields.NodeOf(tool.Element, tool.PathOf("")));
        }

        return tools.Count == 0 ? null : tools;
    }

    /// <summary>Whether a function is called.</summary>
    /// <exception cref="ApiException">It is not as it should be, or there are no functions.</exception>
    public static ToolChoice ReadChoice(Fields body, JsonArray? tools)
    {
        if (body.Any("tool_choice") is not { } choice) return ToolChoice.Auto;
        ToolChoice read = choice.ValueKind == JsonValueKind.String ? Word(body) : Named(body, tools);
        return read.Kind != ToolChoiceKind.Required || tools is not null
            ? read
            : throw ApiException.Invalid("Invalid value for 'tool_choice': it is for requests with 'tools'.", "tool_choice");
    }

    private static ToolChoice Word(Fields body) => body.Word("tool_choice", "auto", "none", "required") switch
    {
        "none" => ToolChoice.None,
        "required" => ToolChoice.Required,
        _ => ToolChoice.Auto,
    };

    private static ToolChoice Named(Fields body, JsonArray? tools)
    {
        Fields choice = body.Object("tool_choice")!;
        _ = choice.Word("type", "function");
        string name = (choice.Object("function") ?? throw choice.Missing("function")).RequiredText("name");
        return tools?.Any(tool => tool!["function"]!["name"]!.ToString() == name) == true
            ? new ToolChoice(ToolChoiceKind.Required, name)
            : throw ApiException.Invalid($"Invalid value for 'tool_choice': there is no function '{name}' among 'tools'.", "tool_choice");
    }
}
