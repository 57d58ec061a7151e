namespace Caravan.Inference;

/// <summary>What is known of each keyword of JSON schemas.</summary>
internal static class SchemaKeywords
{
    private static readonly Dictionary<string, string[]> Types = new(StringComparer.Ordinal)
    {
        ["properties"] = ["object"],
        ["required"] = ["object"],
        ["additionalProperties"] = ["object"],
        ["minProperties"] = ["object"],
        ["maxProperties"] = ["object"],
        ["items"] = ["array"],
        ["prefixItems"] = ["array"],
        ["additionalItems"] = ["array"],
        ["minItems"] = ["array"],
        ["maxItems"] = ["array"],
        ["uniqueItems"] = ["array"],
        ["minLength"] = ["string"],
        ["maxLength"] = ["string"],
        ["pattern"] = ["string"],
        ["format"] = ["string", "number", "integer"],
        ["minimum"] = ["number", "integer"],
        ["maximum"] = ["number", "integer"],
        ["exclusiveMinimum"] = ["number", "integer"],
        ["exclusiveMaximum"] = ["number", "integer"],
        ["multipleOf"] = ["number", "integer"],
    };

    private static readonly HashSet<string> General = new(StringComparer.Ordinal) { "type", "enum", "const", "anyOf", "oneOf", "allOf", "$ref", "nullable" };

    private static readonly HashSet<string> Annotations = new(StringComparer.Ordinal)
    {
        "title", "description", "default", "examples", "example", "deprecated", "readOnly", "writeOnly", "contentMediaType", "contentEncoding",
        "contentSchema", "$schema", "$id", "id", "$anchor", "$comment", "$vocabulary", "$defs", "definitions",
    };

    private static readonly HashSet<string> Unenforceable = new(StringComparer.Ordinal)
    {
        "not", "if", "then", "else", "patternProperties", "propertyNames", "dependentRequired", "dependentSchemas", "dependencies", "contains",
        "minContains", "maxContains", "unevaluatedProperties", "unevaluatedItems", "$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$recursiveAnchor",
    };

    /// <summary>Refuses a schema with a keyword that would have to be passed over.</summary>
    /// <exception cref="CaravanException">A keyword cannot be enforced, or is not known.</exception>
    public static void Check(SchemaPart schema)
    {
        foreach ((string keyword, SchemaPart value) in schema.Members())
        {
            if (Unenforceable.Contains(keyword)) throw value.Fail($"the keyword '{keyword}' cannot be enforced; leave it out");
            if (Types.ContainsKey(keyword) || General.Contains(keyword) || Annotations.Contains(keyword) || keyword.StartsWith("x-", StringComparison.Ordinal)) continue;
            string similar = keyword.Length > 100 ? "" : Suggestion.DidYouMean(keyword, Types.Keys.Concat(General).Concat(Annotations));
            throw value.Fail(similar.Length > 0 ? $"the keyword '{keyword}' is not known.{similar}" : $"the keyword '{(keyword.Length > 100 ? keyword[..100] + "…" : keyword)}' is not known, and may ask for what would not be enforced");
        }
    }

    /// <summary>The keywords of a schema that say something about values of a type.</summary>
    public static IEnumerable<SchemaPart> About(SchemaPart schema, string type) =>
        Types.Where(pair => pair.Value.Contains(type)).Select(pair => schema.Find(pair.Key)).OfType<SchemaPart>();

    /// <summary>The types that a schema without a type speaks of.</summary>
    public static IEnumerable<string> Implied(SchemaPart schema) => Types.Where(pair => schema.Find(pair.Key) is not null).SelectMany(pair =>
        pair.Key != "format" ? pair.Value.Where(type => type != "integer") : NumberSchema.IsNumeric(schema.Find("format")!.Value.Text()) ? ["number"] : ["string"]);

    /// <summary>Whether a schema says anything but annotations.</summary>
    public static bool SaysAnything(SchemaPart schema) => schema.Members().Any(member =>
        Types.ContainsKey(member.Name) || (General.Contains(member.Name) && member.Name is not ("anyOf" or "oneOf" or "allOf" or "$ref")));
}
