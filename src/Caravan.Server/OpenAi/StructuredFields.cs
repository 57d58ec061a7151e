using System.Text.Json;
using Caravan.Inference;

namespace Caravan.Server;

/// <summary>Reads what an answer has to look like: <c>response_format</c>, <c>grammar</c> and <c>regex</c>, or Ollama's <c>format</c>.</summary>
internal static class StructuredFields
{
    /// <summary>What the request says of it; null for anything.</summary>
    /// <exception cref="ApiException">A field is not as it should be, or there is more than one of them.</exception>
    public static Grammar? Read(Fields body, GrammarCache grammars)
    {
        List<(string Name, Func<Grammar> Read)> asked = [];
        if (ReadFormat(body, grammars) is { } format) asked.Add(("response_format", format));
        if (body.Text("grammar") is { } grammar) asked.Add(("grammar", () => grammars.Get("grammar " + grammar, () => Grammar.Gbnf(grammar))));
        if (body.Text("regex") is { } pattern) asked.Add(("regex", () => grammars.Get("regex " + pattern, () => Grammar.Regex(pattern))));
        if (asked.Count > 1) throw ApiException.Invalid($"'{asked[0].Name}' and '{asked[1].Name}' say both what the answer looks like; leave one out.", body.PathOf(asked[1].Name));
        return asked.Count == 0 ? null : Made(asked[0].Read, body.PathOf(asked[0].Name));
    }

    /// <summary>Ollama's form: <c>json</c>, or a schema; null for anything.</summary>
    /// <exception cref="ApiException">It is neither.</exception>
    public static Grammar? ReadOllama(Fields body, GrammarCache grammars) => body.Any("format") switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } word when word.GetString() is "" => null,
        { ValueKind: JsonValueKind.String } => body.Word("format", "json") is null ? null : Grammar.JsonObject,
        { ValueKind: JsonValueKind.Object } schema => Made(() => SchemaOf(schema, grammars), body.PathOf("format")),
        { } other => throw Fields.WrongType(other, body.PathOf("format"), "'json' or a JSON schema"),
    };

    private static Func<Grammar>? ReadFormat(Fields body, GrammarCache grammars)
    {
        if (body.Object("response_format") is not { } format) return null;
        _ = format.RequiredText("type");
        switch (format.Word("type", "text", "json_object", "json_schema"))
        {
            case "json_object":
                return () => Grammar.JsonObject;
            case "json_schema":
                Fields named = format.Object("json_schema") ?? throw format.Missing("json_schema");
                _ = named.RequiredText("name");
                return named.Object("schema") is { } schema ? () => SchemaOf(schema.Element, grammars) : () => Grammar.JsonObject;
            default:
                return null;
        }
    }

    private static Grammar SchemaOf(JsonElement schema, GrammarCache grammars) => grammars.Get("schema " + schema.GetRawText(), () => Grammar.JsonSchema(schema));

    private static Grammar Made(Func<Grammar> read, string path)
    {
        try
        {
            return read();
        }
        catch (CaravanException exception)
        {
            throw ApiException.Invalid($"Invalid value for '{path}': {exception.Message}", path, path == "response_format" ? "invalid_json_schema" : "invalid_value");
        }
    }
}
