using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Caravan.Training;

/// <summary>A value inside a record that knows its place, so that every failure can name file, line and field.</summary>
internal readonly struct RecordField(JsonElement element, Origin origin, string path)
{
    /// <summary>Where the record stands.</summary>
    public Origin Origin => origin;

    /// <summary>The kind of the value.</summary>
    public JsonValueKind Kind => element.ValueKind;

    /// <summary>Whether it is a text.</summary>
    public bool IsText => element.ValueKind == JsonValueKind.String;

    /// <summary>Whether it is a list.</summary>
    public bool IsList => element.ValueKind == JsonValueKind.Array;

    /// <summary>The names of an object's fields, in their order.</summary>
    public IEnumerable<string> Names => element.ValueKind == JsonValueKind.Object ? element.EnumerateObject().Select(member => member.Name) : [];

    /// <summary>Whether the object has this field and it is not null.</summary>
    public bool Has(string name) => Find(name) is not null;

    /// <summary>The first of these fields that is there and not null; null when there is none.</summary>
    /// <exception cref="CaravanException">This is no object.</exception>
    public RecordField? Find(params ReadOnlySpan<string> names)
    {
        if (element.ValueKind != JsonValueKind.Object) throw Mismatch("an object");
        foreach (string name in names)
            if (element.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null)
                return new RecordField(value, origin, path.Length == 0 ? name : $"{path}.{name}");
        return null;
    }

    /// <summary>The first of these fields that is there.</summary>
    /// <exception cref="CaravanException">There is none.</exception>
    public RecordField Required(params ReadOnlySpan<string> names)
    {
        if (Find(names) is { } found) return found;
        string[] present = [.. Names];
        string wanted = string.Join(" or ", names.ToArray().Select(name => $"'{name}'"));
        string there = present.Length == 0 ? "no fields" : string.Join(", ", present.Take(12).Select(name => $"'{name}'"));
        throw origin.Problem($"has no field {wanted}{(path.Length == 0 ? "" : $" in '{path}'")}; it has {there}.");
    }

    /// <summary>The text.</summary>
    /// <exception cref="CaravanException">It is none.</exception>
    public string Text() => element.ValueKind == JsonValueKind.String ? element.GetString()! : throw Mismatch("a text");

    /// <summary>The number, also where it is spelled as a text, as in CSV.</summary>
    /// <exception cref="CaravanException">It is none, or not finite.</exception>
    public double Number() =>
        (element.ValueKind == JsonValueKind.Number && element.TryGetDouble(out double number))
        || (IsText && double.TryParse(element.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out number))
            ? double.IsFinite(number) ? number : throw Mismatch("a finite number")
            : throw Mismatch("a number");

    /// <summary>The truth value, also as a number (1, 0, −1) or spelled as a text, as in CSV.</summary>
    /// <exception cref="CaravanException">It is none.</exception>
    public bool Truth() => element.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => element.GetDouble() > 0,
        JsonValueKind.String => element.GetString()!.ToLowerInvariant() switch
        {
            "true" or "1" or "yes" => true,
            "false" or "0" or "-1" or "no" => false,
            _ => throw Mismatch("true or false"),
        },
        _ => throw Mismatch("true or false"),
    };

    /// <summary>The items of a list.</summary>
    /// <exception cref="CaravanException">It is none.</exception>
    public IEnumerable<RecordField> Items()
    {
        if (element.ValueKind != JsonValueKind.Array) throw Mismatch("a list");
        int index = 0;
        foreach (JsonElement item in element.EnumerateArray()) yield return new RecordField(item, origin, $"{path}[{index++}]");
    }

    /// <summary>The value as it stands.</summary>
    public JsonNode? Node() => element.ValueKind switch
    {
        JsonValueKind.Object => JsonObject.Create(element),
        JsonValueKind.Array => JsonArray.Create(element),
        JsonValueKind.Null => null,
        _ => JsonValue.Create(element),
    };

    /// <summary>A failure that says what is here and what was expected.</summary>
    public CaravanException Mismatch(string expected)
    {
        string raw = element.GetRawText().ReplaceLineEndings(" ");
        string value = raw.Length > 60 ? raw[..60] + "..." : raw;
        return path.Length == 0 ? origin.Problem($"holds {value}; {expected} was expected.") : origin.Problem($"has {value} as '{path}'; {expected} was expected.");
    }

    /// <summary>A failure of the record as a whole.</summary>
    public CaravanException Problem(string what) => origin.Problem(what);
}
