using System.Text.Json;
using System.Text.Unicode;

namespace Caravan.Text;

/// <summary>A value inside a JSON file that knows its place, so that every failure can name file and key.</summary>
internal readonly struct JsonField
{
    private readonly JsonElement element;
    private readonly string file;
    private readonly string path;

    private JsonField(JsonElement element, string file, string path)
    {
        this.element = element;
        this.file = file;
        this.path = path;
    }

    /// <summary>The kind of the value.</summary>
    public JsonValueKind Kind => element.ValueKind;

    /// <summary>The file and key, for messages.</summary>
    public string Place => path.Length == 0 ? $"'{file}'" : $"'{file}' at '{path}'";

    /// <summary>Parses a whole file.</summary>
    /// <exception cref="CaravanException">The bytes are not JSON.</exception>
    public static JsonField Parse(ReadOnlyMemory<byte> bytes, string file)
    {
        if (bytes.Span.StartsWith("\uFEFF"u8)) bytes = bytes[3..];
        if (!Utf8.IsValid(bytes.Span)) throw new CaravanException($"'{file}' is not valid UTF-8, as JSON must be; download the file again.");
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = 64 });
            return new JsonField(document.RootElement.Clone(), file, "");
        }
        catch (JsonException problem)
        {
            throw new CaravanException(
                $"'{file}' is not complete JSON: it goes wrong in line {problem.LineNumber + 1} at byte {problem.BytePositionInLine}; download the file again.",
                problem);
        }
    }

    /// <summary>The member of an object, or null when it is absent or null.</summary>
    public JsonField? Find(string name)
    {
        if (element.ValueKind != JsonValueKind.Object) throw Mismatch("an object");
        try
        {
            return element.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null
                ? new JsonField(value, file, path.Length == 0 ? name : $"{path}.{name}")
                : null;
        }
        catch (InvalidOperationException problem)
        {
            throw Broken(problem);
        }
    }

    /// <summary>The member of an object.</summary>
    /// <exception cref="CaravanException">It is absent or null.</exception>
    public JsonField Required(string name) =>
        Find(name) ?? throw new CaravanException($"{Place} has no key '{name}', which a tokenizer needs; download the file again or mend it.");

    /// <summary>The text.</summary>
    public string String()
    {
        if (element.ValueKind != JsonValueKind.String) throw Mismatch("a string");
        try
        {
            return element.GetString()!;
        }
        catch (InvalidOperationException problem)
        {
            throw Broken(problem);
        }
    }

    /// <summary>The truth value.</summary>
    public bool Boolean() => element.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Mismatch("true or false"),
    };

    /// <summary>The whole number, which must fit 31 bits and not be negative.</summary>
    public int Count() => element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out int number) && number >= 0
        ? number
        : throw Mismatch("a whole number from 0 to 2147483647");

    /// <summary>The real number.</summary>
    public double Real() => element.ValueKind == JsonValueKind.Number && element.TryGetDouble(out double number) && double.IsFinite(number)
        ? number
        : throw Mismatch("a finite number");

    /// <summary>The items of an array.</summary>
    public IEnumerable<JsonField> Items()
    {
        if (element.ValueKind != JsonValueKind.Array) throw Mismatch("an array");
        int index = 0;
        foreach (JsonElement item in element.EnumerateArray()) yield return new JsonField(item, file, $"{path}[{index++}]");
    }

    /// <summary>The members of an object, in file order.</summary>
    public IEnumerable<(string Name, JsonField Value)> Members()
    {
        if (element.ValueKind != JsonValueKind.Object) throw Mismatch("an object");
        foreach (JsonProperty member in element.EnumerateObject())
        {
            string name = NameOf(member);
            yield return (name, new JsonField(member.Value, file, path.Length == 0 ? name : $"{path}.{name}"));
        }
    }

    /// <summary>A failure that says what is here and what was expected.</summary>
    public CaravanException Mismatch(string expected)
    {
        string raw = element.GetRawText();
        return new CaravanException($"{Place} holds {(raw.Length > 60 ? raw[..60] + "..." : raw)}; {expected} was expected.");
    }

    private string NameOf(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException problem)
        {
            throw Broken(problem);
        }
    }

    private CaravanException Broken(Exception problem) =>
        new($"{Place} holds text that is not valid Unicode; write it as UTF-8 or as whole surrogate pairs.", problem);
}
