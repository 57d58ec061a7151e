using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;

namespace Caravan.Server;

/// <summary>
/// The fields of a JSON object in a request. Whatever has another type or is out of range is refused with its path, as OpenAI's API does it; a
/// field that is null counts as absent, and fields that nobody asks for are ignored.
/// </summary>
internal sealed class Fields(JsonElement element, string path = "")
{
    /// <summary>The object itself.</summary>
    public JsonElement Element => element;

    /// <summary>Reads a request's body.</summary>
    /// <exception cref="ApiException">It is no JSON object in UTF-8.</exception>
    public static async Task<Fields> ReadAsync(HttpContext context)
    {
        ArrayBufferWriter<byte> body = new((int)Math.Clamp(context.Request.ContentLength ?? 0, 256, 1 << 20));
        while (true)
        {
            int count = await context.Request.Body.ReadAsync(body.GetMemory(4096), context.RequestAborted).ConfigureAwait(false);
            if (count == 0) break;
            body.Advance(count);
        }

        context.Items[nameof(Fields)] = body.WrittenMemory;
        return Parse(body.WrittenMemory);
    }

    /// <summary>Reads a JSON object.</summary>
    /// <exception cref="ApiException">It is none.</exception>
    public static Fields Parse(ReadOnlyMemory<byte> body)
    {
        if (!Utf8.IsValid(body.Span)) throw ApiException.Invalid("The body of the request is no valid UTF-8.", null, "invalid_json");
        try
        {
            JsonElement root = JsonDocument.Parse(body).RootElement;
            return root.ValueKind == JsonValueKind.Object ? new Fields(root) : throw ApiException.Invalid($"The body of the request is {NameOf(root)}; a JSON object was expected.", null, "invalid_json");
        }
        catch (JsonException exception)
        {
            throw ApiException.Invalid($"The body of the request is no valid JSON: line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}.", null, "invalid_json");
        }
    }

    /// <summary>The path of a field, such as <c>messages[0].role</c>.</summary>
    public string PathOf(string name) => path.Length == 0 ? name : $"{path}.{name}";

    /// <summary>A field's value; null when it is absent or null.</summary>
    public JsonElement? Any(string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind is not JsonValueKind.Null ? value : null;

    /// <summary>Whether a field is there.</summary>
    public bool Has(string name) => Any(name) is not null;

    /// <summary>A text.</summary>
    public string? Text(string name) => Any(name) is { } value ? TextOf(value, PathOf(name)) : null;

    /// <summary>A text that must be there.</summary>
    public string RequiredText(string name) => Text(name) ?? throw Missing(name);

    /// <summary>A text, one of some.</summary>
    public string? Word(string name, params ReadOnlySpan<string> known)
    {
        if (Text(name) is not { } word) return null;
        if (known.Contains(word)) return word;
        throw ApiException.Invalid($"Invalid value for '{PathOf(name)}': '{Short(word)}'. Supported are {string.Join(", ", known.ToArray().Select(value => $"'{value}'"))}.", PathOf(name));
    }

    /// <summary>True or false.</summary>
    public bool? Switch(string name) => Any(name) is not { } value ? null : value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw WrongType(value, PathOf(name), "a boolean"),
    };

    /// <summary>A number in a range.</summary>
    public float? Number(string name, double least, double most)
    {
        if (Any(name) is not { } value) return null;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out double number)) throw WrongType(value, PathOf(name), "a number");
        if (!(number >= least)) throw OutOfRange(PathOf(name), $"at least {least}", value, "decimal_below_min_value");
        if (!(number <= most)) throw OutOfRange(PathOf(name), $"at most {most}", value, "decimal_above_max_value");
        return (float)number;
    }

    /// <summary>A whole number in a range.</summary>
    public int? Whole(string name, int least, int most = int.MaxValue)
    {
        if (Any(name) is not { } value) return null;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out double number) || number != Math.Floor(number)) throw WrongType(value, PathOf(name), "an integer");
        if (number < least) throw OutOfRange(PathOf(name), $"at least {least}", value, "integer_below_min_value");
        if (number > most) throw OutOfRange(PathOf(name), $"at most {most}", value, "integer_above_max_value");
        return (int)number;
    }

    /// <summary>A seed: any whole number of 64 bits.</summary>
    public ulong? Seed(string name)
    {
        if (Any(name) is not { } value) return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long seed)) return unchecked((ulong)seed);
        if (value.ValueKind == JsonValueKind.Number && value.TryGetUInt64(out ulong large)) return large;
        throw WrongType(value, PathOf(name), "an integer");
    }

    /// <summary>An object.</summary>
    public Fields? Object(string name)
    {
        if (Any(name) is not { } value) return null;
        return value.ValueKind == JsonValueKind.Object ? new Fields(value, PathOf(name)) : throw WrongType(value, PathOf(name), "an object");
    }

    /// <summary>The objects of an array; empty when it is absent.</summary>
    public IEnumerable<Fields> Objects(string name) =>
        Items(name).Select(item => item.Value.ValueKind == JsonValueKind.Object ? new Fields(item.Value, item.Path) : throw WrongType(item.Value, item.Path, "an object"));

    /// <summary>The items of an array with their paths; empty when it is absent.</summary>
    public IEnumerable<(JsonElement Value, string Path)> Items(string name)
    {
        if (Any(name) is not { } value) return [];
        if (value.ValueKind != JsonValueKind.Array) throw WrongType(value, PathOf(name), "an array");
        return value.EnumerateArray().Select((item, index) => (item, $"{PathOf(name)}[{index}]"));
    }

    /// <summary>A text, or an array of them; empty when it is absent.</summary>
    public IReadOnlyList<string> Texts(string name) => Any(name) switch
    {
        null => [],
        { ValueKind: JsonValueKind.String } value => [TextOf(value, PathOf(name))],
        { ValueKind: JsonValueKind.Array } => [.. Items(name).Select(item => TextOf(item.Value, item.Path))],
        { } other => throw WrongType(other, PathOf(name), "a string or an array of strings"),
    };

    /// <summary>A copy of a field as a tree; null when it is absent.</summary>
    public JsonNode? Node(string name) => Any(name) is { } value ? NodeOf(value, PathOf(name)) : null;

    /// <summary>A copy of a value as a tree.</summary>
    public static JsonNode? NodeOf(JsonElement value, string path)
    {
        try
        {
            return JsonNode.Parse(value.GetRawText());
        }
        catch (JsonException)
        {
            throw WrongType(value, path, "valid JSON");
        }
    }

    /// <summary>The text that an element is.</summary>
    public static string TextOf(JsonElement value, string path)
    {
        if (value.ValueKind != JsonValueKind.String) throw WrongType(value, path, "a string");
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw ApiException.Invalid($"Invalid string for '{path}': it escapes half a surrogate pair.", path, "invalid_string");
        }
    }

    /// <summary>The refusal of a field that is missing.</summary>
    public ApiException Missing(string name) => ApiException.Invalid($"Missing required parameter: '{PathOf(name)}'.", PathOf(name), "missing_required_parameter");

    /// <summary>The refusal of a value of another type.</summary>
    public static ApiException WrongType(JsonElement value, string path, string expected) =>
        ApiException.Invalid($"Invalid type for '{path}': expected {expected}, but got {NameOf(value)} instead.", path, "invalid_type");

    private static ApiException OutOfRange(string path, string expected, JsonElement value, string code) =>
        ApiException.Invalid($"Invalid value for '{path}': expected {expected}, but got {Short(value.GetRawText())} instead.", path, code);

    private static string Short(string text) => text.Length <= 40 ? text : text[..40] + "…";

    private static string NameOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => "a string",
        JsonValueKind.Number => value.TryGetInt64(out _) ? "an integer" : "a decimal number",
        JsonValueKind.True or JsonValueKind.False => "a boolean",
        JsonValueKind.Array => "an array",
        JsonValueKind.Object => "an object",
        _ => "null",
    };
}
