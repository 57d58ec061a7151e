using System.Text.Json;

namespace Caravan.Inference;

/// <summary>Values that schemas list by <c>enum</c> and <c>const</c>.</summary>
internal static class SchemaValues
{
    /// <summary>The values that all of some schemas list; null where none lists any.</summary>
    public static List<SchemaPart>? Listed(IReadOnlyList<SchemaPart> schemas)
    {
        List<SchemaPart>? values = null;
        foreach (SchemaPart schema in schemas)
        {
            if (schema.Find("enum") is { } list) values = Common(values, list.Items());
            if (schema.Find("const") is { } constant) values = Common(values, [constant]);
        }

        return values;
    }

    /// <summary>The type of a value; a number without a fraction is an integer.</summary>
    public static string TypeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => value.TryGetDecimal(out decimal number) && decimal.Floor(number) == number ? "integer" : "number",
        JsonValueKind.Null => "null",
        _ => "boolean",
    };

    private static List<SchemaPart> Common(List<SchemaPart>? values, List<SchemaPart> others) =>
        values is null ? others : [.. values.Where(value => others.Exists(other => JsonElement.DeepEquals(value.Element, other.Element)))];
}
