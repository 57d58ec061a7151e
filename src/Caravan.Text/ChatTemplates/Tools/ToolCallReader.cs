using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Caravan.Text;

/// <summary>
/// Takes apart what a model writes, piece by piece: text goes on, calls come out whole. Text that could be the beginning of a call waits; what
/// began like one and is none comes out as the text it was.
/// </summary>
/// <param name="syntax">How the model writes calls.</param>
/// <param name="tools">The functions it may call, in OpenAI's shape: they say which arguments are texts.</param>
internal sealed class ToolCallReader(ToolSyntax syntax, JsonArray tools)
{
    private readonly StringBuilder waiting = new();
    private readonly string trigger = syntax.Trigger;
    private bool begun;
    private string closer = "";

    /// <summary>Whether a call has come out.</summary>
    public bool HasCalls { get; private set; }

    /// <summary>Takes the next piece; returns the text that is certain now and the calls that are complete.</summary>
    public (string Text, IReadOnlyList<ToolCall> Calls) Push(ReadOnlySpan<char> piece) => Read(piece, final: false);

    /// <summary>The end: whatever waits is text.</summary>
    public (string Text, IReadOnlyList<ToolCall> Calls) Finish() => Read([], final: true);

    private (string Text, IReadOnlyList<ToolCall> Calls) Read(ReadOnlySpan<char> piece, bool final)
    {
        waiting.Append(piece);
        string input = waiting.ToString();
        StringBuilder text = new();
        List<ToolCall> calls = [];
        int at = SkipCloser(input, final);
        while (at >= 0 && at < input.Length)
        {
            int start = FindCall(input, at);
            int sure = start >= 0 ? start : final ? input.Length : SureOfText(input, at);
            string before = input[at..sure];
            // Blanks between calls, or before the first, are no text.
            if (!(start >= 0 || HasCalls) || !string.IsNullOrWhiteSpace(before)) text.Append(before);
            at = sure;
            if (sure > 0 && !string.IsNullOrWhiteSpace(before)) begun = true;
            if (start < 0) break;
            int end = TryCall(input, start, calls, final);
            if (end < 0 && !final) break;
            if (end <= start)
            {
                // Not a call, or one that never ended.
                int plain = Math.Max(1, trigger.Length);
                text.Append(input.AsSpan(start, plain));
                begun = true;
                at = start + plain;
                continue;
            }

            begun = HasCalls = true;
            waiting.Clear().Append(input.AsSpan(end));
            closer = syntax.Json?.Closer ?? "";
            input = waiting.ToString();
            at = SkipCloser(input, final);
        }

        waiting.Clear().Append(input.AsSpan(at < 0 ? 0 : at));
        return (text.ToString(), calls);
    }

    /// <summary>Where to go on behind what closes a call; -1 while it may still come.</summary>
    private int SkipCloser(string input, bool final)
    {
        if (closer.Length == 0) return 0;
        string rest = input.TrimStart();
        if (!final && rest.Length < closer.Length && closer.StartsWith(rest, StringComparison.Ordinal)) return -1;
        int skipped = rest.StartsWith(closer, StringComparison.Ordinal) ? input.Length - rest.Length + closer.Length : 0;
        closer = "";
        return skipped;
    }

    /// <summary>Where a call may begin; -1 when nowhere. Without a trigger it can only be at the beginning, with a bracket.</summary>
    private int FindCall(string input, int at)
    {
        if (trigger.Length > 0) return input.IndexOf(trigger, at, StringComparison.Ordinal);
        if (begun && !HasCalls) return -1;
        int first = at;
        while (first < input.Length && (char.IsWhiteSpace(input[first]) || (HasCalls && input[first] is ';' or ','))) first++;
        return first < input.Length && input[first] is '{' or '[' ? first : -1;
    }

    /// <summary>Up to where the input cannot be the beginning of a trigger; blanks at the end wait, since a call may follow.</summary>
    private int SureOfText(string input, int at)
    {
        int sure = input.Length;
        for (int length = Math.Min(trigger.Length - 1, input.Length - at); length > 0; length--)
        {
            if (!input.EndsWith(trigger[..length], StringComparison.Ordinal)) continue;
            sure = input.Length - length;
            break;
        }

        while (sure > at && char.IsWhiteSpace(input[sure - 1])) sure--;
        return sure;
    }

    /// <summary>Reads the calls at a place: the end of them; the place itself when there is none; -1 while they are not complete.</summary>
    private int TryCall(string input, int start, List<ToolCall> calls, bool final)
    {
        if (syntax.Json is not null) return TryJson(input, start, calls);
        if (!LooseText.Matches(syntax.Before, input, start, out int at)) return Undecided(input, start);
        List<ToolCall> found = [];
        while (true)
        {
            int end = at;
            while (end < input.Length && IsNameLetter(input[end])) end++;
            if (end == input.Length) return -1;
            if (end == at) return start;
            string name = input[at..end];
            at = syntax.Parameters is { } parameters ? TryParameters(input, start, end, name, parameters, found) : TryArguments(input, start, end, name, syntax.NameToArguments!, found);
            if (at <= start) return at;
            if (syntax.BetweenCalls is not null && LooseText.Matches(syntax.BetweenCalls, input, at, out int next))
            {
                at = next;
                continue;
            }

            bool isClosed = LooseText.Matches(syntax.After, input, at, out int after);
            if (!isClosed && !final && input.Length - at <= Math.Max(syntax.After.Length, syntax.BetweenCalls?.Length ?? 0)) return -1;
            calls.AddRange(found);
            return isClosed ? after : at;
        }
    }

    private static int TryArguments(string input, int start, int at, string name, string nameToArguments, List<ToolCall> calls)
    {
        if (!LooseText.Matches(nameToArguments, input, at, out at)) return Undecided(input, start);
        while (at < input.Length && char.IsWhiteSpace(input[at])) at++;
        if (at == input.Length) return -1;
        if (input[at] != '{') return start;
        int end = JsonExtent.EndOf(input, at);
        if (end < 0) return -1;
        if (Parse(input[at..end]) is not JsonObject arguments) return start;
        calls.Add(new ToolCall(name, arguments.ToJsonString(ToolCall.Plain)));
        return end;
    }

    private static bool IsNameLetter(char letter) => char.IsLetterOrDigit(letter) || letter is '_' or '-' or '.';

    private int TryJson(string input, int start, List<ToolCall> calls)
    {
        int at = start + trigger.Length;
        while (at < input.Length && char.IsWhiteSpace(input[at])) at++;
        if (at == input.Length) return -1;
        if (input[at] is not ('{' or '[')) return start;
        int end = JsonExtent.EndOf(input, at);
        if (end < 0) return -1;
        JsonNode? value = Parse(input[at..end]);
        List<ToolCall> found = [];
        foreach (JsonNode? item in value is JsonArray items ? [.. items] : new[] { value })
            if (CallOf(item) is { } call) found.Add(call);
            else return start;
        calls.AddRange(found);
        return found.Count == 0 ? start : end;
    }

    private ToolCall? CallOf(JsonNode? node)
    {
        if (node is not JsonObject fields) return null;
        if (fields["function"] is JsonObject inner) fields = inner;
        JsonNode? name = fields[syntax.Json!.NameKey] ?? fields["name"];
        JsonNode? arguments = fields[syntax.Json.ArgumentsKey] ?? fields["arguments"] ?? fields["parameters"] ?? new JsonObject();
        if (arguments is JsonValue text && text.TryGetValue(out string? written)) arguments = Parse(written);
        return name is JsonValue && arguments is JsonObject ? new ToolCall(name.ToString(), arguments.ToJsonString(ToolCall.Plain)) : null;
    }

    private int TryParameters(string input, int start, int at, string name, ToolSyntax.ParameterSyntax parameters, List<ToolCall> calls)
    {
        if (!LooseText.Matches(parameters.Head, input, at, out at)) return Undecided(input, start);
        JsonObject arguments = [];
        while (true)
        {
            if (IsEndOfCall(input, at))
            {
                calls.Add(new ToolCall(name, arguments.ToJsonString(ToolCall.Plain)));
                return at;
            }

            int from = at;
            if (arguments.Count > 0 && !LooseText.Matches(parameters.Separator, input, at, out at)) return Undecided(input, from);
            if (!LooseText.Matches(parameters.Open, input, at, out at)) return Undecided(input, from);
            int key = at;
            while (at < input.Length && IsNameLetter(input[at])) at++;
            string keyText = input[key..at];
            if (keyText.Length == 0 || !LooseText.Matches(parameters.KeyToValue, input, at, out at)) return Undecided(input, from);
            int close = EndOfValue(input, at, parameters, out int next);
            if (close < 0) return -1;
            arguments[keyText] = ValueOf(name, keyText, input[at..close]);
            at = next;
        }
    }

    /// <summary>Where a value ends: where what closes it is followed by another or by the end of the call.</summary>
    private int EndOfValue(string input, int at, ToolSyntax.ParameterSyntax parameters, out int next)
    {
        string close = parameters.Close.Trim();
        for (int found = input.IndexOf(close, at, StringComparison.Ordinal); found >= 0 && close.Length > 0; found = input.IndexOf(close, found + 1, StringComparison.Ordinal))
        {
            next = found + close.Length;
            if (IsEndOfCall(input, next)
                || (LooseText.Matches(parameters.Separator, input, next, out int behind) && LooseText.Matches(parameters.Open, input, behind, out int opened) && opened > next)) return found;
        }

        next = -1;
        return -1;
    }

    private bool IsEndOfCall(string input, int at) =>
        (LooseText.Matches(syntax.After, input, at, out int end) && end > at) || (syntax.BetweenCalls is not null && LooseText.Matches(syntax.BetweenCalls, input, at, out _));

    /// <summary>A text where the function's description says so, else what it is as JSON.</summary>
    private JsonNode? ValueOf(string name, string key, string text)
    {
        text = text.Trim('\r', '\n');
        JsonNode? function = tools.Select(tool => At(tool, "function")).FirstOrDefault(function => At(function, "name")?.ToString() == name);
        JsonNode? type = At(At(At(At(function, "parameters"), "properties"), key), "type");
        if (type is JsonValue value && value.ToString() == "string") return text;
        return Parse(text) ?? JsonValue.Create(text);
    }

    private static JsonNode? At(JsonNode? node, string key) => (node as JsonObject)?[key];

    /// <summary>Too short to tell, or not a call.</summary>
    private static int Undecided(string input, int start) => input.Length - start < 4096 ? -1 : start;

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
