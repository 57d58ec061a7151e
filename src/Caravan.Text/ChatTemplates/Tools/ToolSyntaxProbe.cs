using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Caravan.Text;

/// <summary>Finds out how a template writes calls: by rendering conversations in which invented functions are called, and looking for their names.</summary>
internal static partial class ToolSyntaxProbe
{
    private const string Question = "QQQ", Answer = "AAA", Name = "NNN", Name2 = "MMM", Key = "kkk", Value = "vvv", Key2 = "lll", Value2 = "www", Result = "RRR";

    /// <summary>The syntax; <see cref="ToolSyntax.Usual"/>, not native, when the template writes no calls.</summary>
    /// <param name="render">Renders messages and tools.</param>
    /// <param name="turnEnds">Texts that end a turn of the model.</param>
    public static ToolSyntax Of(Func<JsonArray, JsonArray?, string> render, IReadOnlyCollection<string> turnEnds)
    {
        if (RenderPlain(render) is not { } plain) return ToolSyntax.Usual;
        foreach (string id in (string[])[ToolSyntax.ProbeId, $"functions.{Name}:0"])
        {
            foreach ((bool asText, bool noContent) in ((bool, bool)[])[(false, false), (false, true), (true, false), (true, true)])
            {
                if (Probe(calls => Render(render, calls, noContent), plain, turnEnds, id, asText) is { } syntax && (syntax.Trigger.Length > 0 || syntax.Json is not null))
                    return syntax with { ArgumentsAsText = asText, NullContent = noContent, NamesCalls = id != ToolSyntax.ProbeId, IsNative = true };
            }
        }

        return ToolSyntax.Usual;
    }

    private static ToolSyntax? Probe(Func<JsonArray, string?> render, string plain, IReadOnlyCollection<string> turnEnds, string id, bool asText)
    {
        if (render([Call(id, Name, asText)]) is not { } one) return null;
        string header = plain[..plain.IndexOf(Answer, StringComparison.Ordinal)];
        int name = one.IndexOf(Name, StringComparison.Ordinal), result = one.IndexOf(Result, StringComparison.Ordinal);
        if (name < 0 || result < name) return null;
        int start = StartOfCall(one[..name], header);
        start += ThoughtBefore().Match(one[start..name]).Length;
        int end = EndOfTurn(one, name, result, turnEnds);
        string call = one[start..end];
        name -= start;
        (int argumentsStart, int argumentsEnd) = JsonWith(call, Key, Value, name + Name.Length);
        string? two = render([Call(id, Name, asText), Call(id.Replace(Name, Name2).Replace(":0", ":1"), Name2, asText)]);
        if (argumentsStart >= 0)
        {
            ToolSyntax syntax = new()
            {
                Before = call[..name], NameToArguments = call[(name + Name.Length)..argumentsStart], After = call[argumentsEnd..],
                Json = JsonAround(call, name),
            };
            return two is null ? syntax : WithSecond(syntax, two, argumentsEnd - argumentsStart, turnEnds);
        }

        return ByParameters(call, name) is { } parameters
            ? new ToolSyntax { Before = call[..name], After = parameters.Tail, Parameters = parameters, BetweenCalls = BetweenAfterParameters(two, parameters.Close) }
            : null;
    }

    /// <summary>What a call begins with is what does not begin an ordinary answer; a tag is not cut.</summary>
    private static int StartOfCall(string before, string header)
    {
        int common = before.AsSpan().CommonPrefixLength(header);
        if (common == header.Length) return common;
        int opened = Math.Max(before.LastIndexOf('<', Math.Max(0, common - 1)), before.LastIndexOf('[', Math.Max(0, common - 1)));
        int closed = Math.Max(before.LastIndexOf('>', Math.Max(0, common - 1)), before.LastIndexOf(']', Math.Max(0, common - 1)));
        return opened > closed ? opened : common;
    }

    private static int EndOfTurn(string text, int from, int to, IReadOnlyCollection<string> turnEnds)
    {
        int end = to;
        foreach (string turnEnd in turnEnds)
        {
            int found = text.IndexOf(turnEnd, from, StringComparison.Ordinal);
            if (found >= 0) end = Math.Min(end, found);
        }

        return end;
    }

    /// <summary>What stands between two calls, and behind the second: some templates close the turn only there.</summary>
    private static ToolSyntax WithSecond(ToolSyntax syntax, string two, int argumentsLength, IReadOnlyCollection<string> turnEnds)
    {
        int name = two.IndexOf(Name, StringComparison.Ordinal), second = two.IndexOf(Name2, StringComparison.Ordinal);
        if (name < 0 || second < name) return syntax;
        (int start, int end) = JsonWith(two[..second], Key, Value, name);
        (int start2, int end2) = JsonWith(two, Key, Value, second);
        if (end - start != argumentsLength || end2 - start2 != argumentsLength) return syntax;
        int turnEnd = EndOfTurn(two, end2, Math.Max(end2, two.IndexOf(Result, StringComparison.Ordinal)), turnEnds);
        return syntax with { BetweenCalls = two[end..second], After = syntax.Json is null ? two[end2..turnEnd] : syntax.After };
    }

    private static string? BetweenAfterParameters(string? two, string close)
    {
        int second = two?.IndexOf(Name2, StringComparison.Ordinal) ?? -1, value = second < 0 ? -1 : two!.LastIndexOf(Value2, second, StringComparison.Ordinal);
        return value < 0 || !two![(value + Value2.Length)..second].StartsWith(close, StringComparison.Ordinal) ? null : two[(value + Value2.Length + close.Length)..second];
    }

    /// <summary>The JSON object that has the key and the value and begins at or behind a place.</summary>
    private static (int Start, int End) JsonWith(string text, string key, string value, int from)
    {
        for (int start = text.IndexOf('{', Math.Max(0, from)); start >= 0; start = text.IndexOf('{', start + 1))
        {
            int end = JsonExtent.EndOf(text, start);
            if (end > 0 && Parse(text[start..end]) is JsonObject fields && fields[key]?.ToString() == value) return (start, end);
        }

        return (-1, -1);
    }

    /// <summary>The outermost JSON value that holds the name, with the keys of the name and the arguments.</summary>
    private static ToolSyntax.JsonCall? JsonAround(string call, int name)
    {
        for (int start = 0; start < name; start++)
        {
            if (call[start] is not ('{' or '[')) continue;
            int end = JsonExtent.EndOf(call, start);
            if (end <= name || Parse(call[start..end]) is not { } value) continue;
            JsonObject? fields = value as JsonObject ?? (value as JsonArray)?.OfType<JsonObject>().FirstOrDefault();
            string? nameKey = fields?.FirstOrDefault(pair => pair.Value is JsonValue && pair.Value.ToString() == Name).Key;
            string? argumentsKey = fields?.FirstOrDefault(pair => pair.Value is JsonObject || (pair.Value is JsonValue text && text.ToString().Contains(Key))).Key;
            if (nameKey is not null && argumentsKey is not null) return new(call[..start].Trim(), nameKey, argumentsKey, call[end..].Trim());
        }

        return null;
    }

    private static ToolSyntax.ParameterSyntax? ByParameters(string call, int name)
    {
        int key = call.IndexOf(Key, name, StringComparison.Ordinal), value = call.IndexOf(Value, name, StringComparison.Ordinal);
        int key2 = call.IndexOf(Key2, name, StringComparison.Ordinal), value2 = call.IndexOf(Value2, name, StringComparison.Ordinal);
        if (key < 0 || value < key || key2 < value || value2 < key2) return null;
        string beforeKey = call[(name + Name.Length)..key], keyToValue = call[(key + Key.Length)..value];
        string between = call[(value + Value.Length)..key2], after = call[(value2 + Value2.Length)..];
        int open = 0;
        while (open < Math.Min(beforeKey.Length, between.Length) && beforeKey[^(open + 1)] == between[^(open + 1)]) open++;
        string rest = between[..^open];
        int close = rest.AsSpan().CommonPrefixLength(after);
        return new(beforeKey[..^open], beforeKey[^open..], keyToValue, rest[..close], rest[close..], after[close..]);
    }

    /// <summary>A question, the calls, and their answers; or a next question where the template refuses the answers.</summary>
    private static string? Render(Func<JsonArray, JsonArray?, string> render, JsonArray calls, bool noContent)
    {
        int count = calls.Count;
        JsonArray asked = [Message("user", Question), new JsonObject { ["role"] = "assistant", ["content"] = noContent ? null : "", ["tool_calls"] = calls.DeepClone() }];
        JsonArray messages = (JsonArray)asked.DeepClone();
        for (int i = 0; i < count; i++)
        {
            JsonObject answer = Message("tool", Result);
            answer["tool_call_id"] = calls[i]!["id"]!.DeepClone();
            answer["name"] = calls[i]!["function"]!["name"]!.DeepClone();
            messages.Add(answer);
        }

        asked.Add(Message("user", Result));
        return AfterQuestion(render, messages) ?? AfterQuestion(render, asked);
    }

    private static string? RenderPlain(Func<JsonArray, JsonArray?, string> render) =>
        AfterQuestion(render, [Message("user", Question), Message("assistant", Answer), Message("user", Result)]) is { } text && text.Contains(Answer, StringComparison.Ordinal) ? text : null;

    /// <summary>What stands behind the question; null when the template refuses.</summary>
    private static string? AfterQuestion(Func<JsonArray, JsonArray?, string> render, JsonArray messages)
    {
        JsonArray tools = [Tool(Name), Tool(Name2)];
        try
        {
            string text = render(messages, tools);
            int question = text.LastIndexOf(Question, StringComparison.Ordinal);
            return question < 0 ? null : text[(question + Question.Length)..];
        }
        catch (CaravanException)
        {
            return null;
        }
    }

    private static JsonObject Call(string id, string name, bool asText)
    {
        JsonObject arguments = new() { [Key] = Value, [Key2] = Value2 };
        return new JsonObject
        {
            ["id"] = id, ["type"] = "function", ["function"] = new JsonObject { ["name"] = name, ["arguments"] = asText ? arguments.ToJsonString() : arguments },
        };
    }

    private static JsonObject Tool(string name)
    {
        JsonObject properties = new() { [Key] = new JsonObject { ["type"] = "string" }, [Key2] = new JsonObject { ["type"] = "string" } };
        JsonObject parameters = new() { ["type"] = "object", ["properties"] = properties, ["required"] = new JsonArray(Key, Key2) };
        return new JsonObject { ["type"] = "function", ["function"] = new JsonObject { ["name"] = name, ["description"] = "", ["parameters"] = parameters } };
    }

    private static JsonObject Message(string role, string content) => new() { ["role"] = role, ["content"] = content };

    /// <summary>A thought, or the end of one, that belongs to every answer.</summary>
    [GeneratedRegex(@"^\s*(<think>)?\s*</think>\s*")]
    private static partial Regex ThoughtBefore();

    private static JsonNode? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
