using System.Text.Json;

namespace Caravan.Models;

/// <summary>A <c>config.json</c>.</summary>
/// <param name="root">The file's object.</param>
/// <param name="names">The file's names of keys that it calls something else; null for none.</param>
internal sealed class JsonConfigSource(JsonElement root, IReadOnlyDictionary<string, string>? names = null) : IConfigSource
{
    public bool IsGguf => false;

    public IEnumerable<string> Keys => Flatten(root, "");

    public string NameOf(string key) => names?.GetValueOrDefault(key) ?? key;

    public bool IsNull(string key) => Element(key) is { ValueKind: JsonValueKind.Null };

    public object? Find(string key) => Element(key) is not { } element
        ? null
        : element.ValueKind switch
        {
            JsonValueKind.Null => null,
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.String => element.GetString(),
            JsonValueKind.Number => element.TryGetInt64(out long number) ? number : AsReal(element),
            JsonValueKind.Array => List(element),
            _ => element.GetRawText(),
        };

    /// <summary>A float such as 1e-05 stays real; 2.0 or 1e4 is a whole number written as a real, and readers of reals take both.</summary>
    private static object AsReal(JsonElement element)
    {
        double value = element.GetDouble();
        return value == Math.Floor(value) && Math.Abs(value) < 1L << 53 ? (object)(long)value : value;
    }

    /// <summary>Lists of one kind of thing; others as their text.</summary>
    private static object List(JsonElement list)
    {
        if (list.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String)) return list.EnumerateArray().Select(item => item.GetString()!).ToArray();
        if (!list.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Number)) return list.GetRawText();
        return list.EnumerateArray().All(item => item.TryGetInt32(out _))
            ? list.EnumerateArray().Select(item => item.GetInt32()).ToArray()
            : list.EnumerateArray().Select(item => item.GetDouble()).ToArray();
    }

    private static IEnumerable<string> Flatten(JsonElement element, string prefix)
    {
        foreach (JsonProperty property in element.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.Object) yield return prefix + property.Name;
            else
                foreach (string key in Flatten(property.Value, $"{prefix}{property.Name}.")) yield return key;
        }
    }

    private JsonElement? Element(string key)
    {
        JsonElement element = root;
        foreach (string part in NameOf(key).Split('.'))
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(part, out element)) return null;
        return element;
    }
}
