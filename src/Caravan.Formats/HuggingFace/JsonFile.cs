using System.Text.Json;
using Caravan.Kernels;

namespace Caravan.Formats;

/// <summary>Reads the JSON files that come with a model, such as <c>config.json</c>.</summary>
internal static class JsonFile
{
    /// <summary>Far beyond any config or index; keeps a hostile file from filling the memory.</summary>
    private const int LargestFile = 64 << 20;

    /// <summary>
    /// The root object of the file. Python's <c>NaN</c>, <c>Infinity</c> and <c>-Infinity</c>, which JSON does not have, become texts.
    /// Every text in it is known to be valid, so that reading it later cannot fail.
    /// </summary>
    /// <exception cref="CaravanException">The file cannot be read or does not hold a JSON object.</exception>
    public static JsonElement ReadObject(string path)
    {
        using MappedFile file = MappedFile.Open(path);
        if (file.Bytes.Length > LargestFile)
            throw new CaravanException($"'{path}' has {file.Bytes.Length} bytes; a JSON description of at most {LargestFile} was expected.");
        ReadOnlySpan<byte> text = file.Bytes.AsSpan();
        if (text.StartsWith("\uFEFF"u8)) text = text[3..];
        text = WithoutPythonNumbers(text);
        try
        {
            CheckTexts(text);
            Utf8JsonReader json = new(text);
            JsonElement root = JsonElement.ParseValue(ref json);
            if (root.ValueKind != JsonValueKind.Object)
                throw new CaravanException($"'{path}' holds a JSON {root.ValueKind}; an object was expected.");
            return root;
        }
        catch (JsonException exception)
        {
            throw new CaravanException(
                $"'{path}' is not valid JSON at line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}; download or correct it.", exception);
        }
        catch (InvalidOperationException exception)
        {
            throw new CaravanException($"'{path}' holds text that is not valid UTF-8; download or correct it.", exception);
        }
    }

    /// <summary>Reads every token, which also finds what follows the root, and every text.</summary>
    private static void CheckTexts(ReadOnlySpan<byte> text)
    {
        Utf8JsonReader json = new(text);
        while (json.Read())
            if (json.TokenType is JsonTokenType.String or JsonTokenType.PropertyName) json.GetString();
    }

    private static ReadOnlySpan<byte> WithoutPythonNumbers(ReadOnlySpan<byte> text)
    {
        if (text.IndexOf("NaN"u8) < 0 && text.IndexOf("Infinity"u8) < 0) return text;
        List<byte> result = new(text.Length + 64);
        bool inString = false;
        for (int i = 0; i < text.Length; i++)
        {
            int length = inString ? 0 : PythonNumber(text[i..]);
            if (length > 0)
            {
                result.AddRange([(byte)'"', .. text.Slice(i, length), (byte)'"']);
                i += length - 1;
                continue;
            }

            result.Add(text[i]);
            if (text[i] == '"') inString = !inString;
            else if (inString && text[i] == '\\' && i + 1 < text.Length) result.Add(text[++i]);
        }

        return result.ToArray();
    }

    /// <summary>Length of the Python number that the text begins with, or 0.</summary>
    private static int PythonNumber(ReadOnlySpan<byte> text) =>
        text.StartsWith("NaN"u8) ? 3
        : text.StartsWith("Infinity"u8) ? 8
        : text.StartsWith("-Infinity"u8) ? 9
        : 0;
}
