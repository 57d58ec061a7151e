using System.Collections.Immutable;
using System.Text.Json;

namespace Caravan.Formats;

/// <summary>One tensor as the header describes it: the bytes [<paramref name="Begin"/>, <paramref name="End"/>) of the data.</summary>
internal sealed record SafetensorsInfo(string Name, SafetensorsType Type, ImmutableArray<long> Shape, long Begin, long End);

/// <summary>Parses the JSON header of a safetensors file; what the numbers mean for the file is checked by <see cref="SafetensorsFile"/>.</summary>
internal ref struct SafetensorsHeader
{
    /// <summary>The key that holds texts instead of a tensor.</summary>
    public const string MetadataKey = "__metadata__";

    private readonly string path;
    private readonly HashSet<string> names = new(StringComparer.Ordinal);
    private Utf8JsonReader json;

    private SafetensorsHeader(ReadOnlySpan<byte> header, string path)
    {
        this.path = path;
        json = new Utf8JsonReader(header);
    }

    /// <summary>The tensors in header order, and the texts under <c>__metadata__</c>.</summary>
    /// <exception cref="CaravanException">The header is not JSON of the expected form.</exception>
    public static (List<SafetensorsInfo> Tensors, Dictionary<string, string> Annotations) Parse(ReadOnlySpan<byte> header, string path)
    {
        SafetensorsHeader parser = new(header, path);
        try
        {
            return parser.ParseRoot();
        }
        catch (JsonException exception)
        {
            throw new CaravanException(
                $"'{path}' is damaged: its header is not valid JSON near byte {SafetensorsFile.LengthBytes + parser.json.BytesConsumed}; " +
                "download or copy it again.", exception);
        }
    }

    private (List<SafetensorsInfo> Tensors, Dictionary<string, string> Annotations) ParseRoot()
    {
        List<SafetensorsInfo> tensors = [];
        Dictionary<string, string> annotations = new(StringComparer.Ordinal);
        json.Read();
        Expect(JsonTokenType.StartObject, "the header");
        while (NextProperty() is { } name)
        {
            if (!names.Add(name)) throw new CaravanException($"'{path}' is damaged: the tensor name '{name}' occurs twice in its header.");
            json.Read();
            if (name == MetadataKey) ParseAnnotations(annotations);
            else tensors.Add(ParseTensor(name));
        }

        json.Read();
        return (tensors, annotations);
    }

    private void ParseAnnotations(Dictionary<string, string> annotations)
    {
        if (json.TokenType == JsonTokenType.Null) return;
        Expect(JsonTokenType.StartObject, $"'{MetadataKey}'");
        while (NextProperty() is { } key)
        {
            json.Read();
            Expect(JsonTokenType.String, $"'{key}' in '{MetadataKey}'");
            annotations[key] = Text();
        }
    }

    private SafetensorsInfo ParseTensor(string name)
    {
        Expect(JsonTokenType.StartObject, $"tensor '{name}'");
        string? type = null;
        List<long>? shape = null;
        List<long>? offsets = null;
        while (NextProperty() is { } property)
        {
            json.Read();
            switch (property)
            {
                case "dtype":
                    Expect(JsonTokenType.String, $"'dtype' of tensor '{name}'");
                    type = Text();
                    break;
                case "shape":
                    shape = Numbers("shape", name);
                    break;
                case "data_offsets":
                    offsets = Numbers("data_offsets", name);
                    break;
                default:
                    json.Skip();
                    break;
            }
        }

        if (type is null || shape is null || offsets is not { Count: 2 })
            throw new CaravanException($"'{path}' is damaged: tensor '{name}' needs 'dtype', 'shape' and two 'data_offsets' in the header.");
        return new SafetensorsInfo(name, SafetensorsTypes.Of(type), [.. shape], offsets[0], offsets[1]);
    }

    private List<long> Numbers(string property, string tensor)
    {
        Expect(JsonTokenType.StartArray, $"'{property}' of tensor '{tensor}'");
        List<long> numbers = [];
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType != JsonTokenType.Number || !json.TryGetInt64(out long number) || number < 0)
                throw new CaravanException($"'{path}' is damaged: '{property}' of tensor '{tensor}' must hold whole numbers from 0 to 2^63-1.");
            numbers.Add(number);
        }

        return numbers;
    }

    /// <summary>The next property name of the object the reader is in, or null at its end.</summary>
    private string? NextProperty()
    {
        json.Read();
        return json.TokenType == JsonTokenType.EndObject ? null : Text();
    }

    private string Text()
    {
        try
        {
            return json.GetString()!;
        }
        catch (InvalidOperationException exception)
        {
            throw new CaravanException(
                $"'{path}' is damaged: its header holds text that is not valid UTF-8 near byte {SafetensorsFile.LengthBytes + json.BytesConsumed}.",
                exception);
        }
    }

    private readonly void Expect(JsonTokenType expected, string what)
    {
        if (json.TokenType != expected)
            throw new CaravanException($"'{path}' is damaged: {what} is a JSON {json.TokenType}; {expected} was expected.");
    }
}
