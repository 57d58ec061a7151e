namespace Caravan.Server;

/// <summary>Reads what an answer has to look like: <c>response_format</c>, <c>grammar</c> and <c>regex</c>.</summary>
internal static class StructuredFields
{
    /// <summary>Refuses what cannot be done.</summary>
    /// <exception cref="ApiException">A field is not as it should be, or there is more than one of them.</exception>
    public static void Require(Fields body)
    {
        string? asked = null;
        if (body.Object("response_format") is { } format)
        {
            _ = format.RequiredText("type");
            string kind = format.Word("type", "text", "json_object", "json_schema")!;
            if (kind == "json_schema")
            {
                Fields schema = format.Object("json_schema") ?? throw format.Missing("json_schema");
                _ = schema.RequiredText("name");
            }

            if (kind != "text") asked = "response_format";
        }

        foreach (string name in (ReadOnlySpan<string>)["grammar", "regex"])
        {
            if (body.Text(name) is null) continue;
            if (asked is not null) throw ApiException.Invalid($"'{asked}' and '{name}' say both what the answer looks like; leave one out.", name);
            asked = name;
        }

        if (asked is not null) throw ApiException.Unsupported($"'{asked}' is not supported yet.", asked);
    }
}
