using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Caravan.Text;

namespace Caravan.Inference;

/// <summary>The calls that a model may write, as a grammar: in its own syntax, of the functions that there are, with arguments by their schemas.</summary>
internal sealed partial class ToolGrammar
{
    private readonly ToolSyntax syntax;
    private readonly string[] names;
    private readonly GrammarNode anyCall;

    private ToolGrammar(ToolSyntax syntax, JsonArray tools, string? only)
    {
        this.syntax = syntax;
        JsonObject[] functions = [.. tools.Select(tool => tool?["function"]).OfType<JsonObject>().Where(function => only is null || function["name"]?.ToString() == only)];
        names = [.. functions.Select(function => function["name"]!.ToString())];
        anyCall = GrammarNode.Any([.. functions.Select(Call)]);
    }

    /// <summary>The grammar of an answer.</summary>
    /// <param name="syntax">How the model writes calls.</param>
    /// <param name="tools">The functions, in OpenAI's shape.</param>
    /// <param name="choice">Whether it must call one. If it need not, the grammar holds from where a call begins.</param>
    /// <param name="parallel">Whether several calls may follow each other.</param>
    /// <param name="controlTokens">Control tokens that the syntax is written in.</param>
    /// <exception cref="CaravanException">There is no function of the chosen name.</exception>
    public static Grammar Of(ToolSyntax syntax, JsonArray tools, ToolChoice choice, bool parallel, IReadOnlySet<int> controlTokens)
    {
        ToolGrammar grammar = new(syntax, tools, choice.Name);
        if (grammar.names.Length == 0) throw new CaravanException($"The function '{choice.Name}' is to be called, but is not among the tools.");
        GrammarNode calls = grammar.Calls(parallel);
        string before = syntax.Before.TrimStart();
        if (choice.Kind == ToolChoiceKind.Required) return new Grammar(GrammarNode.Of(Loose(before), calls)) { ControlTokens = controlTokens };
        GrammarNode rest = GrammarNode.Of(Loose(before[syntax.Trigger.Length..]), calls);
        return new Grammar(new GrammarNode.AfterTrigger([System.Text.Encoding.UTF8.GetBytes(syntax.Trigger)], rest)) { ControlTokens = controlTokens };
    }

    /// <summary>Whether it can be told where a call begins, in an answer that may be text as well.</summary>
    public static bool CanBeTold(ToolSyntax syntax) => syntax.Trigger.Length > 0 && syntax.Before.TrimStart().StartsWith(syntax.Trigger, StringComparison.Ordinal);

    /// <summary>From behind what comes before the first name, to the end.</summary>
    private GrammarNode Calls(bool parallel)
    {
        GrammarNode end = Loose(syntax.After.TrimEnd());
        if (!parallel || syntax.BetweenCalls is null) return GrammarNode.Of(anyCall, end);
        GrammarNode more = new GrammarNode.Repeat(GrammarNode.Of(Loose(syntax.BetweenCalls), anyCall), 0, GrammarNode.Repeat.Unbounded);
        return GrammarNode.Of(anyCall, more, end);
    }

    private GrammarNode Call(JsonObject function)
    {
        GrammarNode name = GrammarNode.Text(function["name"]!.ToString());
        JsonObject? schema = function["parameters"] as JsonObject;
        return syntax.Parameters is { } parameters
            ? GrammarNode.Of(name, Parameters(parameters, schema))
            : GrammarNode.Of(name, Loose(syntax.NameToArguments!), Arguments(schema));
    }

    /// <summary>A JSON object by the function's schema; any object where the schema is more than a grammar can hold.</summary>
    private static GrammarNode Arguments(JsonNode? schema)
    {
        try
        {
            // Without properties a schema of an object allows any.
            return schema is JsonObject { Count: > 0 } ? SchemaReader.Read(JsonSerializer.SerializeToElement(schema)) : JsonNodes.Object;
        }
        catch (CaravanException)
        {
            return JsonNodes.Object;
        }
    }

    private static GrammarNode Parameters(ToolSyntax.ParameterSyntax syntax, JsonObject? schema)
    {
        string[] required = [.. (schema?["required"] as JsonArray ?? []).Select(name => name!.ToString())];
        List<GrammarNode> parts = [Loose(syntax.Head)];
        foreach ((string key, JsonNode? property) in schema?["properties"] as JsonObject ?? [])
        {
            GrammarNode parameter = GrammarNode.Of(Loose(syntax.Open), GrammarNode.Text(key), Loose(syntax.KeyToValue), Value(property, syntax.Close), Loose(syntax.Close));
            // Where something stands between parameters, all are written: what stands there depends on which come.
            if (syntax.Separator.Length > 0) parts.Add(parts.Count == 1 ? parameter : GrammarNode.Of(Loose(syntax.Separator), parameter));
            else parts.Add(required.Contains(key) ? parameter : GrammarNode.Optional(parameter));
        }

        return GrammarNode.Of(parts);
    }

    /// <summary>A text as it is, without quotes, up to what closes it; anything else as JSON.</summary>
    private static GrammarNode Value(JsonNode? schema, string close)
    {
        if ((schema as JsonObject)?["type"]?.ToString() != "string") return Arguments(schema);
        if (schema!["enum"] is JsonArray { Count: > 0 } values) return GrammarNode.Any([.. values.Select(value => GrammarNode.Text(value?.ToString() ?? ""))]);
        return RegexParser.Parse($"[^{Regex.Escape(close.Trim()[..1])}]*");
    }

    /// <summary>A text of the syntax with any identity in the place of the probe's, and any number in the place of its 0 and 1.</summary>
    private static GrammarNode Loose(string text)
    {
        List<GrammarNode> parts = [];
        foreach (Match part in Parts().Matches(text))
        {
            parts.Add(part.Value switch
            {
                ToolSyntax.ProbeId => RegexParser.Parse("[A-Za-z0-9]{9}"),
                _ when char.IsAsciiDigit(part.Value[0]) => RegexParser.Parse("[0-9]{1,3}"),
                _ => GrammarNode.Text(part.Value),
            });
        }

        return GrammarNode.Of(parts);
    }

    [GeneratedRegex($@"{ToolSyntax.ProbeId}|[0-9]+|[^0-9c]+|c", RegexOptions.CultureInvariant)]
    private static partial Regex Parts();
}
