using System.Text.Json;
using Caravan.Text;

namespace Caravan.Server;

/// <summary>Reads texts that may come as a text, as tokens, or as an array of either.</summary>
internal static class TextInputs
{
    private const string Expected = "a string, an array of strings, an array of tokens, or an array of arrays of tokens";

    /// <summary>The texts of a field, as tokens.</summary>
    /// <param name="body">The request.</param>
    /// <param name="name">The field.</param>
    /// <param name="encode">Makes tokens of a text.</param>
    /// <param name="vocabulary">How many tokens there are.</param>
    /// <exception cref="ApiException">The field is missing, or something else.</exception>
    public static IReadOnlyList<TextInput> Read(Fields body, string name, Func<string, EncodedPrompt> encode, int vocabulary)
    {
        JsonElement value = body.Any(name) ?? throw body.Missing(name);
        if (value.ValueKind == JsonValueKind.String) return [Of(Fields.TextOf(value, body.PathOf(name)), encode)];
        if (value.ValueKind != JsonValueKind.Array) throw Fields.WrongType(value, body.PathOf(name), Expected);
        if (value.GetArrayLength() == 0) throw ApiException.Invalid($"Invalid value for '{body.PathOf(name)}': the array is empty.", body.PathOf(name), "empty_array");
        if (value[0].ValueKind == JsonValueKind.Number) return [new TextInput(null, new EncodedPrompt(Tokens.ReadTokens(body.Items(name), vocabulary)))];
        return [.. body.Items(name).Select(item => item.Value.ValueKind == JsonValueKind.Array
            ? new TextInput(null, new EncodedPrompt(Tokens.ReadTokens(Numbered(item.Value, item.Path), vocabulary)))
            : Of(Fields.TextOf(item.Value, item.Path), encode))];
    }

    private static TextInput Of(string text, Func<string, EncodedPrompt> encode) => new(text, encode(text));

    private static IEnumerable<(JsonElement, string)> Numbered(JsonElement array, string path) => array.EnumerateArray().Select((item, index) => (item, $"{path}[{index}]"));
}

/// <summary>A text that was sent.</summary>
/// <param name="Text">The text; null where tokens were sent.</param>
/// <param name="Prompt">Its tokens.</param>
internal sealed record TextInput(string? Text, EncodedPrompt Prompt);
