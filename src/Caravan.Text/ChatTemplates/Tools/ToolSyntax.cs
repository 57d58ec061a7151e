using System.Text.RegularExpressions;

namespace Caravan.Text;

/// <summary>
/// How a model writes that it wants functions called: the texts around a function's name and its arguments. Found by looking at what the model's
/// own template makes of a call (<see cref="ToolSyntaxProbe"/>), so that there is no list of formats.
/// </summary>
internal sealed record ToolSyntax
{
    /// <summary>The identity of the call in texts of this record; in a call it is any other.</summary>
    public const string ProbeId = "call00000";

    /// <summary>What Hermes, Qwen and many others write: for models whose template knows nothing of tools.</summary>
    public static ToolSyntax Usual { get; } = new()
    {
        Before = "<tool_call>\n{\"name\": \"", NameToArguments = "\", \"arguments\": ", After = "}\n</tool_call>", BetweenCalls = "}\n</tool_call>\n<tool_call>\n{\"name\": \"",
        Json = new("<tool_call>", "name", "arguments", "</tool_call>"),
    };

    /// <summary>From the beginning of the first call to its name.</summary>
    public required string Before { get; init; }

    /// <summary>From the name to the arguments where those are a JSON object; null where each is written on its own, see <see cref="Parameters"/>.</summary>
    public string? NameToArguments { get; init; }

    /// <summary>From the end of the last call's arguments to the end of the turn.</summary>
    public required string After { get; init; }

    /// <summary>From the end of one call's arguments to the name of the next; null when a turn holds one call only.</summary>
    public string? BetweenCalls { get; init; }

    /// <summary>The object or array of a call that is JSON as a whole; null for other calls.</summary>
    public JsonCall? Json { get; init; }

    /// <summary>How arguments are written one by one; null where they are a JSON object.</summary>
    public ParameterSyntax? Parameters { get; init; }

    /// <summary>Whether the template wants the arguments of earlier calls as text, not as an object.</summary>
    public bool ArgumentsAsText { get; init; }

    /// <summary>Whether the template wants a turn of nothing but calls to have no content, not an empty one.</summary>
    public bool NullContent { get; init; }

    /// <summary>Whether calls are named <c>functions.NAME:INDEX</c>, and known to the model by that name.</summary>
    public bool NamesCalls { get; init; }

    /// <summary>Whether the model's own template knows of tools; without that, they are described to the model in words.</summary>
    public bool IsNative { get; init; }

    /// <summary>The text at which a call begins; empty when it can only be the beginning of the turn.</summary>
    public string Trigger => Json?.Trigger ?? Regex.Match(Before.Trim(), "^[^\\s0-9]*").Value;

    /// <summary>Whether a control token's text belongs to the calls.</summary>
    public bool Uses(string controlToken) =>
        Before.Contains(controlToken, StringComparison.Ordinal) || After.Contains(controlToken, StringComparison.Ordinal)
        || NameToArguments?.Contains(controlToken, StringComparison.Ordinal) == true || BetweenCalls?.Contains(controlToken, StringComparison.Ordinal) == true
        || Parameters?.Uses(controlToken) == true;

    /// <summary>A call that is JSON: one object, or an array of them.</summary>
    /// <param name="Trigger">What stands before it; may be empty.</param>
    /// <param name="NameKey">The key of the function's name.</param>
    /// <param name="ArgumentsKey">The key of its arguments.</param>
    /// <param name="Closer">What stands behind it; may be empty.</param>
    internal sealed record JsonCall(string Trigger, string NameKey, string ArgumentsKey, string Closer);

    /// <summary>Arguments that are written one by one: head, then for each open, key, middle, value, close, with separators, then tail.</summary>
    internal sealed record ParameterSyntax(string Head, string Open, string KeyToValue, string Close, string Separator, string Tail)
    {
        public bool Uses(string controlToken) => $"{Head}\n{Open}\n{KeyToValue}\n{Close}\n{Separator}\n{Tail}".Contains(controlToken, StringComparison.Ordinal);
    }
}
